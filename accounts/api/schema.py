"""OpenAPI: msgspec structures describe what is sent and answered."""

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer

View = TypeVar("View", bound=Callable[..., Any])

IDEMPOTENT = {"POST", "PUT", "PATCH"}
_components: dict[str, Any] = {}


class Flaw(msgspec.Struct):
    path: str
    message: str


class Error(msgspec.Struct):
    """Every error of the API has this shape."""

    code: str
    message: str
    detail: str
    errors: list[Flaw]


ERRORS = {
    400: "The request is not valid; nothing was stored.",
    401: "No API key, or one that is unknown, expired or revoked.",
    403: "The API key lacks the scope.",
    404: "There is no such object in the key's workspace.",
    413: "The body is over the limit.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; Retry-After says when to go on.",
}


def documented(
    summary: str,
    *,
    description: str = "",
    body: Any = None,
    answer: Any = None,
    query: Any = None,
    status: int = 200,
    tag: str = "",
    csv: bool = False,
    media_types: tuple[str, ...] = ("application/json",),
) -> Callable[[View], View]:
    """Describe a handler by the types that it decodes and answers.

    A list answers `page_of(Row)`; `csv` says that it is also answered as text/csv.
    """
    good = {(status, "application/json"): _reference(answer)}
    if csv:
        good[status, "text/csv"] = {"type": "string"}
    bad = {code: OpenApiResponse(_reference(Error), text) for code, text in ERRORS.items()}
    return extend_schema(
        summary=summary,
        # Without any, the view's docstring would stand there, which is for its readers here.
        description=description or " ",
        tags=[tag] if tag else None,
        request={media: _reference(body) for media in media_types} if body is not None else None,
        responses={**good, **bad},
        parameters=[*_parameters(query), _idempotency_key()],
    )


def page_of(row: Any) -> Any:
    """The type of a page of rows."""
    name = f"{row.__name__}Page"
    fields = [("results", list[row]), ("next", str | None)]
    return msgspec.defstruct(name, fields, module=row.__module__)


def _reference(type_: Any) -> dict[str, Any]:
    if type_ is None:
        return {"type": "object"}
    if isinstance(type_, UnionType):
        return {"anyOf": [_reference(each) for each in type_.__args__]}
    # Two apps may use one name: theirs stand under their own prefix.
    app = type_.__module__.partition(".")[0]
    (schema,), found = msgspec.json.schema_components(
        [type_], ref_template=f"#/components/schemas/{app}.{{name}}"
    )
    _components.update({f"{app}.{name}": component for name, component in found.items()})
    return schema


def _parameters(query: Any) -> list[OpenApiParameter]:
    if query is None:
        return []
    _schemas, components = msgspec.json.schema_components([query])
    schema = components[query.__name__]
    required = schema.get("required", [])
    return [
        OpenApiParameter(name, type=inner, required=name in required)
        for name, inner in schema["properties"].items()
    ]


def _idempotency_key() -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key",
        type={"type": "string", "minLength": 1, "maxLength": 255},
        location=OpenApiParameter.HEADER,
        description="Kept for 24 hours: the same request is answered again and not done again.",
    )


def add_components(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """drf-spectacular's hook after the paths: the structures that they refer to."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(dict(sorted(_components.items())))
    for operations in result["paths"].values():
        for operation in operations.values():
            if not operation.get("description", "").strip():
                operation.pop("description", None)
        _only_writes_repeat(operations)
    return result


def _only_writes_repeat(operations: Mapping[str, Any]) -> None:
    for method, operation in operations.items():
        if method.upper() not in IDEMPOTENT and "parameters" in operation:
            operation["parameters"] = [p for p in operation["parameters"] if p["in"] != "header"]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key, sk_…"}


class SchemaView(SpectacularAPIView):
    throttle_classes = []


class DocumentationView(SpectacularSwaggerSplitView):
    """The browsable documentation; script and styles are files of ours, as the CSP demands."""

    renderer_classes = [TemplateHTMLRenderer]
    throttle_classes = []
    template_name = "accounts/api_docs.html"
    url_name = "api-schema"
