"""JSON Schemas of the YAML files of a rulebook: what an editor completes, explains and underlines while one writes.

They hold the ids of one rulebook, so they are written again when it has changed. They refuse nothing that the loader
accepts, and see no more than a schema can: `conseil check` says the rest.
"""

from conseil.authoring.schemas.files import PLACES, modeline, schemas_of, to_text

__all__ = ["PLACES", "modeline", "schemas_of", "to_text"]
