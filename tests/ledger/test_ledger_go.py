"""Other people's software: golang.org/x/mod/sumdb verifies what we write, and the reverse."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ledger_sample import (
    LOG,
    WITNESSES,
    MemoryLog,
    NaiveNodes,
    naive_root,
    sample_entries,
)

from placet.ledger import (
    hash_leaf,
    make_receipt,
    open_checkpoint,
    prove_consistency,
    prove_inclusion,
)

GOPATH = Path("/usr/share/gocode")
SOURCE = Path(__file__).parent / "go" / "verify.go"
SIZES = [1, 2, 255, 256, 257, 600]
ENTRY_BYTES = sample_entries(600)
SAMPLE = MemoryLog.of(ENTRY_BYTES)

Verify = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    """Build the Go program; skip where Go or its modules are not installed."""
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip(
            "Go is absent: install golang-go and golang-golang-x-mod-dev (Debian) to have the "
            "ledger verified by golang.org/x/mod/sumdb"
        )
    program = tmp_path_factory.mktemp("go") / "verify"
    cache = os.environ.get("GOCACHE") or str(program.parent / "cache")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": ""}
    environment |= {"CGO_ENABLED": "0", "GOCACHE": cache}
    subprocess.run([go, "build", "-o", program, SOURCE], env=environment, check=True)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(each) for each in (program, *arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """Write an export into a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.mark.parametrize("size", SIZES)
def test_go_verifies_an_export(verify: Verify, tmp_path: Path, size: int) -> None:
    """Go opens a cosigned checkpoint, checks every entry, and that an earlier one is continued."""
    folder = written(tmp_path / "log", SAMPLE.files(size, witnesses=1))
    for old in {1, size // 2 or 1, size}:
        earlier = tmp_path / "earlier"
        earlier.write_bytes(SAMPLE.checkpoint(old).render())
        done = verify("export", folder, LOG.verifier, WITNESSES[0].verifier, earlier)
        assert done.stdout == f"{size} entries, continuing {old}\n", done.stderr


def test_go_refuses_what_we_refuse(verify: Verify, tmp_path: Path) -> None:
    """With a byte changed in any file, or another log's earlier checkpoint, Go refuses as well."""
    files = SAMPLE.files(300, witnesses=1)
    earlier = tmp_path / "earlier"
    earlier.write_bytes(SAMPLE.checkpoint(200).render())
    keys = (LOG.verifier, WITNESSES[0].verifier)
    for path, data in files.items():
        wrong = data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]
        folder = written(tmp_path / "wrong", {**files, path: wrong})
        assert verify("export", folder, *keys, earlier).returncode == 1, path
    folder = written(tmp_path / "right", files)
    assert verify("export", folder, *keys, earlier).returncode == 0
    earlier.write_bytes(MemoryLog.of(sample_entries(200, "fork")).checkpoint().render())
    assert verify("export", folder, *keys, earlier).returncode == 1


def test_go_verifies_a_receipt(verify: Verify, tmp_path: Path) -> None:
    """Go checks a .tlog-proof, with and without extra data, and refuses it for another entry."""
    file = tmp_path / "entry.tlog-proof"
    for index, extra in ((0, b""), (299, b"extra"), (123, b"")):
        receipt = make_receipt(index, SAMPLE.checkpoint(300), SAMPLE.hashes(300), extra=extra)
        file.write_bytes(receipt.render())
        done = verify("receipt", file, LOG.verifier, ENTRY_BYTES[index].hex())
        assert done.stdout == f"entry {index} of 300\n", done.stderr
        done = verify("receipt", file, LOG.verifier, ENTRY_BYTES[index + 1].hex())
        assert done.returncode == 1


def test_go_accepts_all_our_proofs(verify: Verify, tmp_path: Path) -> None:
    """All proofs of all trees to 64, of both kinds, pass Go's CheckRecord and CheckTree."""
    leaves = [hash_leaf(each) for each in ENTRY_BYTES[:64]]
    roots = [naive_root(leaves[:size]) for size in range(65)]
    read = NaiveNodes(leaves)
    lines = []
    for size in range(1, 65):
        for small in range(size):
            record = [roots[size], leaves[small], *prove_inclusion(small, size, read)]
            tree = [roots[size], roots[small + 1], *prove_consistency(small + 1, size, read)]
            lines.append(line("r", small, size, record))
            lines.append(line("t", small + 1, size, tree))
    file = tmp_path / "proofs"
    file.write_text("\n".join(lines), encoding="ascii")
    done = verify("proofs", file)
    assert done.stdout == "2080 records, 2080 trees\n", done.stderr


def line(kind: str, small: int, size: int, hashes: Sequence[bytes]) -> str:
    """Write a proof for the Go program."""
    return " ".join([kind, str(small), str(size), *(base64.b64encode(h).decode() for h in hashes)])


def test_we_accept_what_go_signs(verify: Verify, tmp_path: Path) -> None:
    """Go reads our signer key, signs a checkpoint byte for byte as we do, and we open it."""
    signed = SAMPLE.checkpoint(300)
    file = tmp_path / "text"
    file.write_text(signed.checkpoint.text, encoding="utf-8")
    done = verify("sign", LOG.secret_text, file)
    assert done.stdout.encode() == signed.render(), done.stderr
    assert open_checkpoint(done.stdout.encode(), [LOG.verifier]) == signed
