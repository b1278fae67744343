import json
import re
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def schema(client: Client, db: None) -> Any:
    response = client.get("/api/v1/schema/", {"format": "json"})
    assert response.status_code == 200
    return json.loads(response.content)


def test_schema_describes_bodies_and_errors(schema: Any) -> None:
    post = schema["paths"]["/api/v1/seats/"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    components = schema["components"]["schemas"]
    seats = components[body.rpartition("/")[2]]["properties"]["seats"]
    assert seats["maxItems"] == 1000
    assert set(post["responses"]) == {"200", "400", "401", "403", "404", "413", "422", "429"}
    assert schema["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def test_every_reference_of_the_schema_exists(schema: Any) -> None:
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert wanted <= set(schema["components"]["schemas"])


def test_every_call_is_described(schema: Any) -> None:
    calls = [
        (path, method, call)
        for path, methods in schema["paths"].items()
        for method, call in methods.items()
    ]
    assert [(path, method) for path, method, call in calls if not call.get("summary")] == []
    assert [(path, method) for path, method, call in calls if "401" not in call["responses"]] == []


def test_only_writes_name_the_idempotency_key(schema: Any) -> None:
    for methods in schema["paths"].values():
        for method, call in methods.items():
            headers = [p["name"] for p in call.get("parameters", []) if p["in"] == "header"]
            writes = method in {"post", "put", "patch"}
            assert headers == (["Idempotency-Key"] if writes else [])


def test_documentation_loads_from_us_alone(client: Client, db: None) -> None:
    response = client.get("/api/v1/docs/")
    page = response.content.decode()
    assert re.findall(r'(?:src|href)="(?!/)', page) == []
    assert re.findall(r"<(?:script|style)>", page) == []
    script = client.get("/api/v1/docs/", {"script": ""})
    assert script["Content-Type"].startswith("application/javascript")
