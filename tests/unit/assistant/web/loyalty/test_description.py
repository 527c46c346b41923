"""The loyalty interface against its own description."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from tests.fakes.till import Counter, counter

pytestmark = pytest.mark.slow

PATHS = ("/api/purchases", "/api/loyalty")
OPERATIONS = (
    ("POST", "/api/purchases"),
    ("POST", "/api/purchases/{source}/{external_id}/refunds"),
    ("POST", "/api/purchases/{source}/{external_id}/void"),
    ("POST", "/api/purchases/{source}/{external_id}/claim"),
    ("GET", "/api/purchases/{source}/{external_id}/explain"),
    ("POST", "/api/loyalty/customers"),
    ("GET", "/api/loyalty/customers"),
    ("GET", "/api/loyalty/customers/{customer}"),
    ("GET", "/api/loyalty/customers/{customer}/balance"),
    ("GET", "/api/loyalty/customers/{customer}/standing"),
    ("GET", "/api/loyalty/customers/{customer}/history"),
    ("GET", "/api/loyalty/customers/{customer}/purchases"),
    ("POST", "/api/loyalty/customers/{customer}/pay"),
    ("GET", "/api/loyalty/customers/{customer}/packs"),
    ("POST", "/api/loyalty/customers/{customer}/packs/steps"),
    ("GET", "/api/loyalty/customers/{customer}/segments"),
    ("PUT", "/api/loyalty/customers/{customer}/segments"),
    ("GET", "/api/loyalty/customers/{customer}/rewards"),
    ("POST", "/api/loyalty/customers/{customer}/rewards/{reward}/reserve"),
    ("POST", "/api/loyalty/rewards/redeem"),
    ("POST", "/api/loyalty/rewards/{hold}/release"),
    ("POST", "/api/loyalty/rewards/{hold}/undo"),
    ("GET", "/api/loyalty/rewards/qr"),
    ("POST", "/api/loyalty/adjustments"),
    ("GET", "/api/loyalty/adjustments"),
    ("POST", "/api/loyalty/adjustments/{request_id}/approve"),
    ("POST", "/api/loyalty/adjustments/{request_id}/refuse"),
    ("POST", "/api/loyalty/merges"),
    ("POST", "/api/loyalty/merges/{number}/undo"),
    ("POST", "/api/loyalty/days/{day}/close"),
    ("GET", "/api/loyalty/verify"),
    ("GET", "/api/loyalty/watch"),
    ("POST", "/api/loyalty/webhooks"),
    ("GET", "/api/loyalty/webhooks"),
    ("DELETE", "/api/loyalty/webhooks/{subscription}"),
    ("GET", "/api/loyalty/webhooks/log"),
    ("POST", "/api/loyalty/webhooks/deliveries/{delivery}/redeliver"),
    ("POST", "/api/loyalty/imports"),
    ("POST", "/api/loyalty/imports/{upload_id}/commit"),
    ("GET", "/api/loyalty/imports/{upload_id}/errors"),
    ("GET", "/api/loyalty/worth"),
    ("GET", "/api/loyalty/at-risk"),
    ("GET", "/api/loyalty/customers/{customer}/worth"),
    ("GET", "/api/loyalty/groups"),
    ("GET", "/api/loyalty/groups/{group}/members"),
    ("GET", "/api/loyalty/customers/{customer}/groups"),
    ("GET", "/api/loyalty/suggestions"),
)
UNSAID = [positive_data_acceptance, unsupported_method]
"""Not checked: what is well formed may still contradict the books, which no description can say."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """Open one shop for all operations."""
    opening = counter(tmp_path_factory.mktemp("described"))
    loop = asyncio.new_event_loop()
    one = loop.run_until_complete(opening.__aenter__())
    yield one
    loop.run_until_complete(opening.__aexit__(None, None, None))
    loop.close()


@pytest.fixture(scope="module")
def schema(shop: Counter) -> schemathesis.BaseSchema:
    """Read the interface's description of itself."""
    return schemathesis.openapi.from_asgi("/api/openapi.json", shop.app)


def test_every_operation_is_tried(schema: schemathesis.BaseSchema) -> None:
    """The list of operations above is that of the interface."""
    found = [result.ok().label for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert sorted(label for label in found if label.split()[1].startswith(PATHS)) == sorted(
        f"{method} {path}" for method, path in OPERATIONS
    )


def test_every_operation_is_described(schema: schemathesis.BaseSchema) -> None:
    """Each has a summary, asks for a key, tells its refusals; each form has an example."""
    raw = schema.raw_schema
    for method, path in OPERATIONS:
        operation = raw["paths"][path][method.lower()]
        assert operation["summary"], path
        assert operation["security"] == [{"till": []}], path
        assert {"400", "401", "403", "404", "409", "429"} <= set(operation["responses"]), path
    forms = {name for name in raw["components"]["schemas"] if name.endswith("Form")}
    assert len(forms) > 10
    for name in forms:
        fields = raw["components"]["schemas"][name]["properties"]
        assert any("examples" in field or "$ref" in str(field) for field in fields.values()), name


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_makes_the_interface_fail(
    method: str, path: str, schema: schemathesis.BaseSchema, proof: dict[str, str]
) -> None:
    """Generated requests, good and bad, never meet a 5xx or an answer that the description does not allow."""
    operation = schema[path][method]

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(operation.as_strategy(), operation.as_strategy(GenerationMode.NEGATIVE)))
    def attempt(case: schemathesis.Case[Any]) -> None:
        assume([] not in (case.query or {}).values())  # an empty list is sent as nothing at all
        case.call_and_validate(headers=proof, excluded_checks=UNSAID)

    attempt()


@pytest.fixture(scope="module")
def proof(shop: Counter) -> dict[str, str]:
    """Give the header of a till that may do everything."""
    return shop.key()
