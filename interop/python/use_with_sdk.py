"""Uses a running façade as the vendor's SDK does: all seven operations, and its own exceptions.

    use_with_sdk.py ENDPOINT ACCESS_KEY SECRET_KEY ALGORITHM [sm3]

Prints what was created, as JSON. Any difference from what the API documents ends it with a traceback.
"""

import json
import sys

from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm
from huaweicloudsdkscm.v3 import (
    CreateCsrRequest,
    CreateCsrRequestBody,
    DeleteCsrRequest,
    ListCsrRequest,
    ScmClient,
    ShowCsrPrivateKeyRequest,
    ShowCsrRequest,
    UpdateCsrRequest,
    UpdateCSRRequestBody,
    UploadCsrRequest,
    UploadCsrRequestBody,
)

# What a creation sends and gets back unchanged.
SENT = {
    "domain_name": "B\u00fccher.example",
    "sans": "b.example;A.example;192.0.2.7",
    "usage": "ENTERPRISE",
    "company_country": "CN",
    "company_province": "Beijing",
    "company_city": "Beijing",
    "company_name": "A, B & S\u00f6hne",
}


def client(endpoint, access_key, secret_key, sm3):
    config = HttpConfig.get_default_config()
    config.signing_algorithm = SigningAlgorithm.HMAC_SM3 if sm3 else SigningAlgorithm.HMAC_SHA256
    credentials = GlobalCredentials(access_key, secret_key, "domain")
    return (
        ScmClient.new_builder()
        .with_credentials(credentials)
        .with_http_config(config)
        .with_endpoint(endpoint)
        .build()
    )


def refused(status, code, call):
    """The exception that a call must raise."""
    try:
        answer = call()
    except exceptions.ClientRequestException as refusal:
        assert (refusal.status_code, refusal.error_code) == (status, code), refusal
        assert len(refusal.request_id) == 32 and refusal.error_msg, refusal
        return refusal.error_msg
    raise AssertionError(f"not refused: {answer}")


def use(scm, algorithm):
    name = f"sdk {algorithm} \u4e2d+&"
    body = CreateCsrRequestBody(name=name, private_key_algo=algorithm, **SENT)
    created = scm.create_csr(CreateCsrRequest(body=body))
    assert created.status_code == 201, created
    for field, value in {"name": name, "private_key_algo": algorithm, **SENT}.items():
        assert getattr(created, field) == value, (field, getattr(created, field))
    assert created.create_time == created.update_time > 1_700_000_000_000

    shown = scm.show_csr(ShowCsrRequest(id=created.id))
    assert shown.status_code == 200 and shown.csr.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    for field in ("id", "name", "private_key_algo", "create_time", "update_time", *SENT):
        assert getattr(shown, field) == getattr(created, field), field

    listed = scm.list_csr(ListCsrRequest(limit=50, offset=0, name=name, private_key_algo=algorithm))
    assert (listed.total, [item.id for item in listed.csr_list]) == (1, [created.id]), listed
    assert listed.csr_list[0].csr == shown.csr

    key = scm.show_csr_private_key(ShowCsrPrivateKeyRequest(id=created.id)).private_key
    assert key.startswith("-----BEGIN PRIVATE KEY-----"), "no PKCS#8"

    update = UpdateCSRRequestBody(name="renamed")
    updated = scm.update_csr(UpdateCsrRequest(id=created.id, body=update))
    assert (updated.status_code, updated.name, updated.csr) == (200, "renamed", shown.csr), updated

    upload = UploadCsrRequestBody(name="uploaded", csr=shown.csr, private_key=key)
    uploaded = scm.upload_csr(UploadCsrRequest(body=upload))
    assert (uploaded.status_code, uploaded.name) == (200, "uploaded") and uploaded.create_time > 0, uploaded
    assert scm.show_csr_private_key(ShowCsrPrivateKeyRequest(id=uploaded.id)).private_key == key
    assert scm.delete_csr(DeleteCsrRequest(id=uploaded.id)).status_code == 204
    refused(400, "SCM.0707", lambda: scm.show_csr(ShowCsrRequest(id=uploaded.id)))

    return {"id": created.id, "csr": shown.csr, "private_key": key}


def use_wrongly(scm):
    wrong = CreateCsrRequestBody(name="", domain_name="-", private_key_algo="RSA_2048", usage="ENTERPRISE")
    message = refused(400, "SCM.0005", lambda: scm.create_csr(CreateCsrRequest(body=wrong)))
    for field in ("name", "domain_name", "company_country", "company_name"):
        assert f"{field}: " in message, message
    refused(400, "SCM.0005", lambda: scm.list_csr(ListCsrRequest(limit=15)))
    refused(400, "SCM.0707", lambda: scm.delete_csr(DeleteCsrRequest(id="0" * 32)))
    upload = UploadCsrRequestBody(name="uploaded", csr="none")
    refused(400, "SCM.0005", lambda: scm.upload_csr(UploadCsrRequest(body=upload)))


def main():
    endpoint, access_key, secret_key, algorithm, *hashes = sys.argv[1:]
    sm3 = "sm3" in hashes
    scm = client(endpoint, access_key, secret_key, sm3)
    result = use(scm, algorithm)
    use_wrongly(scm)
    for nobody in (
        client(endpoint, access_key, secret_key[::-1], sm3),
        client(endpoint, access_key[::-1], secret_key, sm3),
    ):
        message = refused(401, "APIGW.0301", lambda: nobody.show_csr(ShowCsrRequest(id=result["id"])))
        assert message.startswith("Incorrect IAM authentication information: "), message
    print(json.dumps(result))


if __name__ == "__main__":
    main()
