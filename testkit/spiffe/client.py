"""A client of the SPIFFE Workload API by the Python package `spiffe`, as a judge from outside: prints what it got as JSON."""

import json
import sys

from spiffe import WorkloadApiClient

audience = sys.argv[1]
with WorkloadApiClient() as client:
    context = client.fetch_x509_context()
    svid = context.default_svid
    token = client.fetch_jwt_svid(audience={audience})
    bundles = client.fetch_jwt_bundles()
    validated = client.validate_jwt_svid(token.token, audience)
    print(
        json.dumps(
            {
                "id": str(svid.spiffe_id),
                "roots": sorted(str(bundle.trust_domain) for bundle in context.x509_bundle_set.bundles),
                "tokenId": str(token.spiffe_id),
                "validated": str(validated.spiffe_id),
                "keys": sorted(str(bundle.trust_domain) for bundle in bundles.bundles),
            }
        )
    )
