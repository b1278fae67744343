FROM node:22-slim AS fonts
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=fonts /app/node_modules ./node_modules
COPY . .
RUN python manage.py collectstatic --noinput --ignore rest_framework --ignore redoc -v 0 \
    && useradd --system --create-home scorecard
USER scorecard
EXPOSE 8000
CMD ["gunicorn", "--config", "python:scorecard_project.gunicorn", "--bind", "0.0.0.0:8000", "scorecard_project.wsgi:application"]
