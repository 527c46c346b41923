"""Login: name and password; the token stays in memory and nowhere else."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from shopbell.assistant.staffwire import Session
from shopbell.tui.errors import ConsoleError

if TYPE_CHECKING:
    from shopbell.tui.app import ConsoleApp

HELP = "Enter goes on and signs in · Ctrl-Q leaves\nF2 the first time: with the one-time code you were given"
OWN = "Password"
NEW = "Password you choose: twelve characters or more, three words do well"


class Login(Screen[None]):
    """Asks who you are."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "code", "One-time code")]
    AUTO_FOCUS = "#name"

    def __init__(self, why: str = "") -> None:
        """Take why one has to sign in, where there is a reason."""
        super().__init__()
        self._why = why

    def compose(self) -> ComposeResult:
        """Show the form."""
        with Vertical():
            yield Static("Shopbell staff console", id="greeting", markup=False)
            yield Static(self._why, id="trouble", markup=False)
            yield Static("Name", classes="about", markup=False)
            yield Input(id="name", max_length=40)
            yield Static(OWN, id="about-password", classes="about", markup=False)
            yield Input(id="password", password=True, max_length=256)
            yield Static(
                "One-time code, from your invitation", id="about-code", classes="about", markup=False
            )
            yield Input(id="code", max_length=100)
            yield Static(HELP, classes="about", markup=False)

    def on_mount(self) -> None:
        """Hide the code: it is used once."""
        self._show_code(shown=False)

    def action_code(self) -> None:
        """Ask for a one-time code, too."""
        self._show_code(shown=not self.query_one("#code", Input).display)

    def _show_code(self, *, shown: bool) -> None:
        self.query_one("#code", Input).display = shown
        self.query_one("#about-code", Static).display = shown
        self.query_one("#about-password", Static).update(NEW if shown else OWN)
        if shown:
            self._next()

    def _next(self) -> bool:
        """Go to the first field that is still empty; False when none is."""
        empty = (field for field in self.query(Input) if field.display and not field.value)
        field = next(empty, None)
        if field is not None:
            field.focus()
        return field is not None

    @on(Input.Submitted, "#name")
    def _named(self) -> None:
        self.query_one("#password", Input).focus()

    @on(Input.Submitted, "#password")
    @on(Input.Submitted, "#code")
    def _entered(self) -> None:
        name, password = self._value("#name"), self.query_one("#password", Input).value
        code = self._value("#code") if self.query_one("#code", Input).display else ""
        if self.query_one("#code", Input).display and password and not code:
            self.query_one("#code", Input).focus()
            return
        if not password or not (name or code):
            self.query_one("#trouble", Static).update("Enter your name and your password.")
            self._next()
            return
        self.query_one("#trouble", Static).update("One moment ...")
        self._sign_in(name, password, code)

    @work(exclusive=True)
    async def _sign_in(self, name: str, password: str, code: str) -> None:
        app = cast("ConsoleApp", self.app)
        try:
            session: Session
            if code:
                session = await app.house.join(code, name, password)
            else:
                session = await app.house.login(name, password)
        except ConsoleError as error:
            self.query_one("#trouble", Static).update(str(error))
            self.query_one("#password", Input).value = ""
            self.query_one("#password", Input).focus()
            return
        self.dismiss()
        app.begin(session.token)

    def _value(self, name: str) -> str:
        return self.query_one(name, Input).value.strip()
