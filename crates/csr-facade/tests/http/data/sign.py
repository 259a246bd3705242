"""Writes signatures.json: requests signed by the vendor's own Python SDK.

    pip install huaweicloudsdkcore==3.1.219
    python3 sign.py > signatures.json

The keys and the date are fixed, so that the output is, too. `url` is what the SDK puts on the wire.
"""

import json

from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm

ACCESS_KEY = "AKFORTESTS2345ABCDEF"
SECRET_KEY = "not-a-secret-0123456789abcdefghijklmnopq"
DATE = "20261124T001530Z"
ID = "0123456789abcdef0123456789abcdef"
BODY = json.dumps(
    {"name": "web", "domain_name": "example.com", "private_key_algo": "EC_P256", "usage": "PERSONAL"}
)

CASES = [
    ("list", "GET", "/v3/scm/csr", [], {}, None),
    ("list with a query", "GET", "/v3/scm/csr", [("offset", 0), ("limit", 10)], {}, None),
    (
        "list with a query to encode",
        "GET",
        "/v3/scm/csr",
        [("name", "a b+c&d=e/~*'()\u4e2d\u6587"), ("private_key_algo", "EC_P256"), ("limit", 50)],
        {},
        None,
    ),
    ("list with repeated names", "GET", "/v3/scm/csr", [("x", ["b", "a c", "a!"]), ("X", True), ("y", "")], {}, None),
    ("create", "POST", "/v3/scm/csr", [], {}, BODY),
    ("create, not ASCII", "POST", "/v3/scm/csr", [], {}, json.dumps({"name": "\u4e2d"}, ensure_ascii=False)),
    ("show", "GET", f"/v3/scm/csr/{ID}", [], {}, None),
    ("show a key", "GET", f"/v3/scm/csr/{ID}/private-key", [], {}, None),
    ("update", "PUT", f"/v3/scm/csr/{ID}", [], {}, '{"name": "new"}'),
    ("delete", "DELETE", f"/v3/scm/csr/{ID}", [], {}, None),
    ("headers of the caller's own", "GET", "/v3/scm/csr", [], {"X-Domain-Id": " d1 ", "X-Note": "a  b;c:d"}, None),
    ("a header that is not ASCII", "GET", "/v3/scm/csr", [], {"X-Note": "\u4e2d"}, None),
    ("a path to encode", "GET", "/v3/scm/csr/a%20b~c*", [], {}, None),
    ("a path that ends in a slash", "GET", "/v3/scm/csr/", [], {}, None),
]


def signed(name, method, path, query, headers, body, algorithm):
    credentials = GlobalCredentials(ACCESS_KEY, SECRET_KEY, "domain")
    request = SdkRequest(
        method=method,
        schema="http",
        host="127.0.0.1:8080",
        resource_path=path,
        query_params=query,
        header_params={
            "Content-Type": "application/json",
            "User-Agent": "huaweicloud-usdk-python/3.0",
            "X-Sdk-Date": DATE,
            **headers,
        },
        body=body,
        signing_algorithm=algorithm,
    )
    request = credentials.sign_request(request)
    return {
        "name": f"{name}, {algorithm.name}",
        "method": method,
        "url": request.uri,
        # The SDK keeps a header's UTF-8 bytes as Latin-1 characters.
        "headers": {key: value.encode("latin-1").decode() for key, value in request.header_params.items()},
        "body": (request.body or b"").decode(),
    }


def main():
    algorithms = (SigningAlgorithm.HMAC_SHA256, SigningAlgorithm.HMAC_SM3)
    cases = [signed(*case, algorithm) for case in CASES for algorithm in algorithms]
    output = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "date": DATE, "requests": cases}
    print(json.dumps(output, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
