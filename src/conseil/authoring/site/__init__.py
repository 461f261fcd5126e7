"""A rulebook as a site of plain HTML, for readers who will never open its files: `conseil docs`.

The pages need no JavaScript, no network and no server, and the same rulebook gives the same bytes.
"""

from conseil.authoring.site.pages import site_pages
from conseil.authoring.site.publishing import publish

__all__ = ["publish", "site_pages"]
