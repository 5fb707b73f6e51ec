// A client of the SPIFFE Workload API by go-spiffe, as a judge from outside: prints what it got as JSON. SPIFFE_ENDPOINT_SOCKET says where.
//
//	spiffe-client x509                     own SVID, verified under the bundle that came with it, and all bundles
//	spiffe-client jwt AUDIENCE             a JWT-SVID, verified with the bundles, and by the Workload API
//	spiffe-client bundle TRUSTDOMAIN URL ID   a bundle by https_spiffe: the endpoint is ID, known by the Workload API's bundles
//	spiffe-client verify AUDIENCE TOKEN     a JWT-SVID of anybody, verified with the bundles of the Workload API
//	spiffe-client get ADDR ID SERVERNAME   GET / over mutual TLS, certificates by the Workload API
//	spiffe-client serve | call ADDR ID     mutual TLS between two workloads, certificates by the Workload API
//	spiffe-client serve-bundle TRUSTDOMAIN FILE CERT KEY   a bundle endpoint, as SPIRE's; FILE is read for each request, CERT and KEY are PEM
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/spiffebundle"
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

// A bundle in a file, as it is now.
type file string

func (f file) GetBundleForTrustDomain(domain spiffeid.TrustDomain) (*spiffebundle.Bundle, error) {
	return spiffebundle.Load(domain, string(f))
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
	case "verify":
		bundles, err := workloadapi.FetchJWTBundles(ctx)
		check(err)
		svid, err := jwtsvid.ParseAndValidate(os.Args[3], bundles, []string{os.Args[2]})
		check(err)
		out["id"] = svid.ID.String()
	case "get":
		id, err := spiffeid.FromString(os.Args[3])
		check(err)
		source, err := workloadapi.NewX509Source(ctx)
		check(err)
		config := tlsconfig.MTLSClientConfig(source, source, tlsconfig.AuthorizeID(id))
		config.ServerName = os.Args[4]
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		request, err := http.NewRequestWithContext(ctx, "GET", "https://"+os.Args[2]+"/", nil)
		check(err)
		response, err := client.Do(request)
		check(err)
		body, err := io.ReadAll(response.Body)
		check(err)
		if response.StatusCode != 200 {
			check(fmt.Errorf("answered %d", response.StatusCode))
		}
		out["said"] = string(body)
	case "serve-bundle":
		domain, err := spiffeid.TrustDomainFromString(os.Args[2])
		check(err)
		handler, err := federation.NewHandler(domain, file(os.Args[3]))
		check(err)
		pair, err := tls.LoadX509KeyPair(os.Args[4], os.Args[5])
		check(err)
		listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
		check(err)
		fmt.Println(listener.Addr().String())
		check(http.Serve(listener, handler))
		return
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
