"""Templates, filled in. Values in XML are escaped; a value a template lacks is an error."""

from pathlib import Path
from typing import Any


def render(template: str, **values: Any) -> str:
    """The text of `templates/<template>` with these values."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["xml"], default=False),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)
