"""Signatures: two implementations of each algorithm agree, and the standards' own examples hold."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub import signing
from hub.errors import SettingsError
from hub.proof.verifier.documents import HEADS, read_key, unsigned
from hub.proof.verifier.points import combined
from hub.proof.verifier.sm2 import SG, sm2_add, sm2_verify
from hub.proof.verifier.sm3 import own_sm3
from hub.signing.algorithms import ALGORITHMS
from hub.signing.keys import FOLDER, keep
from hub.signing.sm2 import der, plain

NAMES = sorted(ALGORITHMS)
KEYS = {name: ALGORITHMS[name].make() for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@given(message=st.binary(max_size=200), at=st.integers(0, 511))
@settings(deadline=None, max_examples=8)
def test_the_verifier_agrees_with_the_library_on_every_signature(
    name: str, message: bytes, at: int
) -> None:
    library, public = ALGORITHMS[name], ALGORITHMS[name].public(KEYS[name])
    key, own = read_key(public.decode()), HEADS[name][2]
    signature = library.sign(KEYS[name], message)
    bent = bytearray(signature)
    bent[at // 8] ^= 1 << at % 8
    for text, value in (
        (message, signature),
        (message + b"x", signature),
        (message, bytes(bent)),
        (message, bytes(64)),
    ):
        assert own(key.raw, text, value) == library.check(public, text, value)
    assert own(key.raw, message, signature)
    assert not own(key.raw, message, bytes(bent))


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=50)
def test_sm3_agrees_with_openssl(data: bytes) -> None:
    assert own_sm3(data) == hashlib.new("sm3", data).digest()


def test_sm3_of_the_standard() -> None:
    """GB/T 32905-2016, appendix A."""
    assert own_sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert own_sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_sm2_of_the_standard() -> None:
    """GB/T 32918.5-2017, appendix A.2: key, message and signature as printed there."""
    private = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
    point = combined(sm2_add, None, private, SG, 0, SG)
    key = b"".join(n.to_bytes(32, "big") for n in point)
    signature = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    assert sm2_verify(key, b"message digest", signature)
    assert not sm2_verify(key, b"message digesT", signature)


def test_ed25519_of_the_standard() -> None:
    """RFC 8032, 7.1, test 2."""
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert HEADS["ed25519"][2](key, b"\x72", signature)
    assert not HEADS["ed25519"][2](key, b"\x73", signature)


def test_an_sm2_signature_is_openssl_s(tmp_path: Path) -> None:
    """The command verifies what stands in an envelope, with the key that auditors are given."""
    made = keep(tmp_path, signing.keys.drawn("sm2"))
    envelope = signing.sign(made, {"kind": "receipt", "event": {"seq": 1, "hash": "0"}})
    import base64

    from hub.canonical import canonical

    files = {
        "text": canonical(envelope["document"]).encode(),
        "signature": der(base64.b64decode(envelope["signature"]["value"])),
        "key": made.public.pem,
    }
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    command = "pkeyutl -verify -pubin -inkey key -rawin -in text -sigfile signature -digest sm3"
    told = ["openssl", *command.split(), "-pkeyopt", "distid:1234567812345678"]
    assert subprocess.run(told, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "text").write_bytes(files["text"] + b" ")
    assert subprocess.run(told, cwd=tmp_path, capture_output=True).returncode != 0


@given(st.integers(1, 2**256 - 1), st.integers(1, 2**256 - 1))
def test_signatures_survive_the_way_to_der_and_back(r: int, s: int) -> None:
    both = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert plain(der(both)) == both


def test_der_longer_than_127_bytes_is_no_signature_of_ours() -> None:
    with pytest.raises(SettingsError):
        plain(b"\x04\x02\x01\x01")


@pytest.mark.parametrize("name", NAMES)
def test_an_envelope_says_what_is_wrong_with_it(name: str, tmp_path: Path) -> None:
    made = keep(tmp_path, signing.keys.drawn(name))
    keys = signing.public_keys(tmp_path)
    document = {"kind": "receipt", "event": {"seq": 1, "hash": "0"}, "名称": "回执"}
    envelope = signing.sign(made, document)
    own = {made.key_id: read_key(made.public.pem.decode())}
    assert signing.verify(envelope, keys) is None and unsigned(envelope, own) is None
    other = {**envelope, "document": {**document, "名称": "其他"}}
    for wrong in (other, {}, {"document": document}, {**envelope, "document": 1}):
        assert signing.verify(wrong, keys) is not None
        assert unsigned(wrong, own) is not None
    assert signing.verify(envelope, {}) == "is signed with a key that is not known"


def test_what_is_signed_names_its_kind_and_holds_no_fractions(tmp_path: Path) -> None:
    made = keep(tmp_path, signing.keys.drawn())
    with pytest.raises(ValueError):
        signing.sign(made, {"rows": 1})
    with pytest.raises(TypeError):
        signing.sign(made, {"kind": "receipt", "share": 0.5})


def test_private_keys_are_for_their_owner_alone_and_are_not_shown(tmp_path: Path) -> None:
    made = keep(tmp_path, signing.keys.drawn())
    files = list((tmp_path / FOLDER).iterdir())
    assert {file.stat().st_mode & 0o077 for file in files} == {0}
    assert (tmp_path / FOLDER).stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in repr(made) and str(made.private) not in repr(made)


def test_an_algorithm_that_there_is_none_of_is_a_setting_to_mend() -> None:
    with pytest.raises(SettingsError, match="HUB_SIGNATURE"):
        signing.keys.drawn("rsa")
