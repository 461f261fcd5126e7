"""A client of yaml-language-server: what an editor asks it, over its standard streams."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["LanguageServer"]

_PROGRAM = Path(__file__).parent / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


class LanguageServer:
    """The server, for as long as a `with` block lasts."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [shutil.which("node") or "node", str(_PROGRAM), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._asked = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        hover = {"contentFormat": ["markdown"]}
        documents = {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}, "hover": hover}
        self._ask("initialize", processId=None, rootUri=None, locale="fr", capabilities={"textDocument": documents})
        self._tell("initialized")
        settings = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "completion": True, "hover": True}}
        self._tell("workspace/didChangeConfiguration", settings=settings)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def problems(self, path: Path, text: str) -> list[str]:
        """Return what is underlined in a text that stands in a file."""
        uri = self._open(path, text)
        while uri not in self._diagnostics:
            self._receive()
        return [f"{found['range']['start']['line'] + 1}: {found['message']}" for found in self._diagnostics[uri]]

    def completions(self, path: Path, text: str) -> dict[str, str]:
        """Return what is proposed at the sign `¦` of a text, each with what is said of it."""
        found = self._at("textDocument/completion", path, text)
        return {item["label"]: _words(item.get("documentation", "")) for item in found["items"]}

    def hover(self, path: Path, text: str) -> str:
        """Return what is said of what stands at the sign `¦` of a text."""
        return _words(self._at("textDocument/hover", path, text)["contents"])

    def _at(self, method: str, path: Path, text: str) -> Any:  # noqa: ANN401 - JSON
        before, after = text.split("¦")
        uri = self._open(path, before + after)
        place = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self._ask(method, textDocument={"uri": uri}, position=place)

    def _open(self, path: Path, text: str) -> str:
        """Show a text as the content of a new file beside another one, whose schema is found the same way."""
        self._asked += 1
        uri = path.with_name(f"{path.stem}-{self._asked}.yaml").as_uri()
        self._tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        return uri

    def _ask(self, method: str, **params: Any) -> Any:  # noqa: ANN401 - JSON
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._asked and "method" not in message:
                return message["result"]

    def _tell(self, method: str, **params: Any) -> None:  # noqa: ANN401 - JSON
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        """Return the next message; what the server asks of an editor is answered with nothing."""
        stream, length = self._process.stdout, 0
        assert stream
        while line := stream.readline().strip():
            length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else length
        message: dict[str, Any] = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message


def _words(documentation: str | dict[str, str]) -> str:
    text = documentation["value"] if isinstance(documentation, dict) else documentation
    return str(text).replace("&nbsp;", " ")
