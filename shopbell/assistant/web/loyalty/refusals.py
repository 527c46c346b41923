"""What the interface may answer besides what was asked for, and how it is called; for its description."""

from litestar.openapi.datastructures import ResponseSpec

from shopbell.assistant.web.forms import ProblemReport

REFUSALS = {
    status: ResponseSpec(ProblemReport, description=text, generate_examples=False)
    for status, text in (
        (400, "The request is not of the form expected, or cannot be so."),
        (401, "No till key or console token was sent, or it is not known."),
        (403, "The key or the person may not do this, or the request comes from another site's page."),
        (404, "There is no such customer, purchase, reward or delivery."),
        (409, "It contradicts what is in the books; `code` says how."),
        (413, "The body is too large."),
        (415, "The body is not of the type expected."),
        (429, "Too many requests; wait a moment."),
        (503, "The books are busy; send the same again."),
    )
}
TILL = [{"till": list[str]()}]
