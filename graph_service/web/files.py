"""Files of the pages. A browser keeps them, and asks each time whether they are still the same."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Receive, Scope, Send


class Files(StaticFiles):
    """A folder of files, each with an ETag of what it holds: the same on every machine, another after an upgrade."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        scope.setdefault("state", {})["path"] = f"{scope.get('root_path', '')}/{{path}}"
        await super().__call__(scope, receive, send)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or word that it is still the same."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        # weak, since the same tag stands for the file as it is and compressed
        tag = f'W/"{digest(os.fspath(full_path), stat_result.st_mtime_ns, stat_result.st_size)}"'
        known = [one.strip() for one in dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1").split(",")]
        if tag in known or "*" in known:
            response = NotModifiedResponse(response.headers)
        response.headers["etag"] = tag
        response.headers["cache-control"] = "no-cache"
        return response


@lru_cache(maxsize=256)
def digest(path: str, changed: int, size: int) -> str:
    """What stands for the bytes of a file, which is read anew if its time or size is another."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:20]
