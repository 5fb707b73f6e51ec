// A client of the SPIFFE Workload API by go-spiffe, as a judge from outside: prints what it got as JSON. SPIFFE_ENDPOINT_SOCKET says where.
//
//	spiffe-client x509                     own SVID, verified under the bundle that came with it, and all bundles
//	spiffe-client jwt AUDIENCE             a JWT-SVID, verified with the bundles, and by the Workload API
//	spiffe-client bundle TRUSTDOMAIN URL ID   a bundle by https_spiffe: the endpoint is ID, known by the Workload API's bundles
//	spiffe-client serve | call ADDR ID     mutual TLS between two workloads, certificates by the Workload API
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/federation"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/jwtsvid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out := map[string]any{}
	switch os.Args[1] {
	case "x509":
		got, err := workloadapi.FetchX509Context(ctx)
		check(err)
		svid := got.DefaultSVID()
		_, _, err = x509svid.Verify(svid.Certificates, got.Bundles)
		check(err)
		roots := map[string]int{}
		for _, bundle := range got.Bundles.Bundles() {
			roots[bundle.TrustDomain().Name()] = len(bundle.X509Authorities())
		}
		only, err := workloadapi.FetchX509Bundles(ctx)
		check(err)
		out["id"], out["roots"], out["bundles"], out["chain"] = svid.ID.String(), roots, len(only.Bundles()), len(svid.Certificates)
	case "jwt":
		svid, err := workloadapi.FetchJWTSVID(ctx, jwtsvid.Params{Audience: os.Args[2]})
		check(err)
		bundles, err := workloadapi.FetchJWTBundles(ctx)
		check(err)
		_, err = jwtsvid.ParseAndValidate(svid.Marshal(), bundles, []string{os.Args[2]})
		check(err)
		validated, err := workloadapi.ValidateJWTSVID(ctx, svid.Marshal(), os.Args[2])
		check(err)
		_, foreign := workloadapi.ValidateJWTSVID(ctx, svid.Marshal(), "somebody-else")
		out["id"], out["validated"], out["token"], out["foreign"] = svid.ID.String(), validated.ID.String(), svid.Marshal(), fmt.Sprint(foreign)
		out["life"] = time.Until(svid.Expiry).Seconds()
	case "bundle":
		bundles, err := workloadapi.FetchX509Bundles(ctx)
		check(err)
		domain, err := spiffeid.TrustDomainFromString(os.Args[2])
		check(err)
		id, err := spiffeid.FromString(os.Args[4])
		check(err)
		bundle, err := federation.FetchBundle(ctx, domain, os.Args[3], federation.WithSPIFFEAuth(bundles, id))
		check(err)
		out["x509"], out["jwt"] = len(bundle.X509Authorities()), len(bundle.JWTAuthorities())
		sequence, _ := bundle.SequenceNumber()
		hint, _ := bundle.RefreshHint()
		out["sequence"], out["hint"] = sequence, hint.Seconds()
	case "serve":
		listener, err := spiffetls.Listen(ctx, "tcp", "127.0.0.1:0", tlsconfig.AuthorizeAny())
		check(err)
		fmt.Println(listener.Addr().String())
		conn, err := listener.Accept()
		check(err)
		peer, err := spiffetls.PeerIDFromConn(conn)
		check(err)
		_, err = io.WriteString(conn, peer.String())
		check(err)
		check(conn.Close())
		return
	case "call":
		id, err := spiffeid.FromString(os.Args[3])
		check(err)
		conn, err := spiffetls.Dial(ctx, "tcp", os.Args[2], tlsconfig.AuthorizeID(id))
		check(err)
		said, err := io.ReadAll(conn)
		check(err)
		out["said"] = string(said)
	}
	check(json.NewEncoder(os.Stdout).Encode(out))
}
