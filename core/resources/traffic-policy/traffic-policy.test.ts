import { testSpecs } from '../testing/cases.ts';
import { TRAFFIC_POLICY } from './index.ts';

const target = 'targetRefs: [{name: a}]\n';

testSpecs(TRAFFIC_POLICY, [
  { what: 'nothing said', spec: target, expected: ['warning no-effect '] },
  { what: 'no target', spec: 'targetRefs: []\nlimits: {}', expected: ['too-few targetRefs'] },
  {
    what: 'a tunnel without its target, and one to no host',
    spec: `${target}connections: {tunnel: {protocol: GET, targetHost: "*.example", targetPort: 0}}`,
    expected: [
      'invalid-value connections.tunnel.protocol',
      'invalid-value connections.tunnel.targetHost',
      'out-of-range connections.tunnel.targetPort',
    ],
  },
  {
    what: 'a tunnel of everybody',
    spec: 'targetRefs: [{kind: Mesh, name: default}, {kind: ExternalService, name: a}]\nconnections: {tunnel: {targetHost: 2001:db8::1, targetPort: 1}}',
    expected: ['exclusive-fields targetRefs[0].kind'],
  },
  {
    what: 'another namespace',
    spec: 'targetRefs: [{kind: Namespace, name: other}]\nlimits: {}',
    expected: ['foreign-namespace targetRefs[0].name'],
  },
  {
    what: 'the same target twice, once by default',
    spec: 'targetRefs: [{name: a}, {kind: Service, name: a}]\nlimits: {}',
    expected: ['duplicate-entry targetRefs[1]'],
  },
  {
    what: 'a group that is not the kind’s',
    spec: 'targetRefs: [{group: weft.dev, name: a}]\nlimits: {}',
    expected: ['invalid-value targetRefs[0].group'],
  },
  {
    what: 'a section of a namespace',
    spec: 'targetRefs: [{kind: Namespace, name: shop, sectionName: x}]\nlimits: {}',
    expected: ['exclusive-fields targetRefs[0].sectionName'],
  },
  {
    what: 'hashing without a key',
    spec: `${target}balancing: {algorithm: Maglev}`,
    expected: ['missing-field balancing.hashOn'],
  },
  {
    what: 'a key without hashing',
    spec: `${target}balancing: {hashOn: [{type: SourceIP}]}`,
    expected: ['exclusive-fields balancing.hashOn'],
  },
  {
    what: 'a header without name',
    spec: `${target}balancing: {algorithm: RingHash, hashOn: [{type: Header}]}`,
    expected: ['missing-field balancing.hashOn[0].name'],
  },
  {
    what: 'a table that is no prime',
    spec: `${target}balancing: {algorithm: Maglev, hashOn: [{type: SourceIP}], tableSize: 65536}`,
    expected: ['invalid-value balancing.tableSize'],
  },
  { what: 'no time to connect', spec: `${target}timeouts: {connect: 0s}`, expected: ['out-of-range timeouts.connect'] },
  {
    what: 'a try longer than the whole',
    spec: `${target}timeouts: {request: 1s, backendRequest: 2s}`,
    expected: ['out-of-range timeouts.backendRequest'],
  },
  {
    what: 'a back-off that shrinks',
    spec: `${target}retries: {backoff: {base: 1s, max: 1ms}}`,
    expected: ['out-of-range retries.backoff.max'],
  },
  {
    what: 'PROXY headers from load balancers',
    spec: `${target}arrivals: {proxyProtocol: {from: [10.9.0.0/16, "fd00::9"]}}`,
    expected: [],
  },
  { what: 'PROXY headers from nobody', spec: `${target}arrivals: {}`, expected: [] },
  {
    what: 'PROXY headers from nobody in particular',
    spec: `${target}arrivals: {proxyProtocol: {from: []}}`,
    expected: ['too-few arrivals.proxyProtocol.from'],
  },
  {
    what: 'PROXY headers from everybody',
    spec: `${target}arrivals: {proxyProtocol: {from: [10.9.0.1, 0.0.0.0/0, "::/0", "::ffff:0:0/96"]}}`,
    expected: [
      'invalid-value arrivals.proxyProtocol.from[1]',
      'invalid-value arrivals.proxyProtocol.from[2]',
      'invalid-value arrivals.proxyProtocol.from[3]',
    ],
  },
  {
    what: 'PROXY headers at a Gateway and one of its listeners',
    spec: 'targetRefs: [{kind: Gateway, name: a}, {kind: Gateway, name: a, sectionName: b}]\narrivals: {proxyProtocol: {from: [10.9.0.0/16]}}',
    expected: [],
  },
  {
    what: 'proxies of HTTP before a Gateway',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\narrivals: {xForwardedFor: {from: [10.9.0.0/16], trustedHops: 2}}',
    expected: [],
  },
  {
    what: 'proxies that are everybody, and no hops',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\narrivals: {xForwardedFor: {from: ["::/0"], trustedHops: 0}}',
    expected: ['out-of-range arrivals.xForwardedFor.trustedHops'],
  },
  {
    what: 'proxies of HTTP that are everybody',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\narrivals: {xForwardedFor: {from: [10.9.0.1, "::/0"]}}',
    expected: ['invalid-value arrivals.xForwardedFor.from[1]'],
  },
  {
    what: 'proxies of HTTP before a sidecar',
    spec: `${target}arrivals: {xForwardedFor: {from: [10.9.0.1]}}`,
    expected: ['exclusive-fields targetRefs[0].kind'],
  },
  {
    what: 'PROXY headers where nothing arrives',
    spec: 'targetRefs: [{name: a}, {kind: HTTPRoute, name: a}, {group: weft.dev, kind: Subset, name: a}]\narrivals: {}',
    expected: ['exclusive-fields targetRefs[1].kind', 'exclusive-fields targetRefs[2].kind'],
  },
  {
    what: 'bounds of what arrives',
    spec: `${target}arrivals: {limits: {connections: 10, streamsPerConnection: 5}, timeouts: {requestHeaders: 0s}}`,
    expected: [],
  },
  {
    what: 'no connection at all',
    spec: `${target}arrivals: {limits: {connections: 0}}`,
    expected: ['out-of-range arrivals.limits.connections'],
  },
  {
    what: 'keepalive',
    spec: `${target}connections: {tcpKeepalive: {time: 60s, interval: 5s, probes: 3}}`,
    expected: [],
  },
  {
    what: 'keepalive in parts of a second',
    spec: `${target}connections: {tcpKeepalive: {time: 1500ms, interval: 0s}}`,
    expected: ['invalid-value connections.tcpKeepalive.time', 'out-of-range connections.tcpKeepalive.interval'],
  },
  {
    what: 'keepalive that nothing asks',
    spec: `${target}connections: {tcpKeepalive: {time: 0s, interval: 5s}}`,
    expected: ['exclusive-fields connections.tcpKeepalive.interval'],
  },
  {
    what: 'stand-ins',
    spec: `${target}failover: {to: [{name: b, port: 80}, {kind: Subset, name: b, namespace: c, port: 80}]}`,
    expected: [],
  },
  {
    what: 'the same stand-in twice, one without a port, of a namespace',
    spec: 'targetRefs: [{kind: Namespace, name: shop}]\nfailover: {to: [{name: b, port: 80}, {name: b, port: 80}, {name: c}]}',
    expected: ['missing-field failover.to[2].port', 'duplicate-entry failover.to[1]'],
  },
  {
    what: 'checks by octets, headers and jitter',
    spec: `${target}healthChecks: [{tcp: {send: {text: PING}, receive: [{text: PONG}, {binary: "AP8="}]}, initialJitter: 1s}, {http: {headers: [{name: x-probe, value: "1"}]}, intervalJitterPercent: 50}]`,
    expected: [],
  },
  {
    what: 'checks that cannot be',
    spec: `${target}healthChecks: [{tcp: {send: {binary: "%%"}}}, {tcp: {receive: [{}]}}, {http: {headers: [{name: Host, value: a}]}}]`,
    expected: [
      'exclusive-fields healthChecks[1].tcp.receive[0]',
      'invalid-value healthChecks[0].tcp.send.binary',
      'invalid-value healthChecks[2].http.headers[0].name',
    ],
  },
  {
    what: 'octets that nobody answers',
    spec: `${target}healthChecks: [{tcp: {send: {text: PING}}}]`,
    expected: ['exclusive-fields healthChecks[0].tcp.send'],
  },
  { what: 'ejection with defaults', spec: `${target}outlierEjection: {}`, expected: [] },
  {
    what: 'an ejection shorter than the first',
    spec: `${target}outlierEjection: {baseEjectionTime: 10m}`,
    expected: ['out-of-range outlierEjection.maxEjectionTime'],
  },
  {
    what: 'a cookie that says more than its path',
    spec: `${target}balancing: {algorithm: Maglev, hashOn: [{type: Cookie, name: a, ttl: 1h, path: "/; Secure"}]}`,
    expected: ['invalid-path balancing.hashOn[0].path'],
  },
  {
    what: 'a life of what is no cookie',
    spec: `${target}balancing: {algorithm: Maglev, hashOn: [{type: Header, name: a, ttl: 1h}]}`,
    expected: ['exclusive-fields balancing.hashOn[0].ttl'],
  },
  {
    what: 'places',
    spec: `${target}locality: {order: [{from: eu, to: [us/a]}], distribute: [{from: eu/a, to: [{locality: eu, weight: 1}]}]}`,
    expected: [],
  },
  {
    what: 'no place, no share, nowhere to fail over to',
    spec: `${target}locality: {prefer: None, failover: None, order: [{from: /, to: [us]}], distribute: [{from: eu, to: [{locality: eu, weight: 0}]}]}`,
    expected: ['invalid-value locality.order[0].from', 'out-of-range locality.distribute[0].to'],
  },
  {
    what: 'labels before places, shares by label',
    spec: `${target}locality: {prefer: None, failover: None, failoverPriority: [{label: team}, {label: version, value: v2}], affinity: [{label: example.com/rack, weight: 9}]}`,
    expected: [],
  },
  {
    what: 'labels that are none, twice the same, no share',
    spec: `${target}locality: {failoverPriority: [{label: a}, {label: a}], affinity: [{label: '-', weight: 0}]}`,
    expected: [
      'duplicate-entry locality.failoverPriority[1].label',
      'invalid-value locality.affinity[0].label',
      'out-of-range locality.affinity[0].weight',
    ],
  },
  {
    what: 'classes of answers, and tries after those that failed',
    spec: `${target}responseClasses: [{status: {min: 429, max: 429}, grpc: [NOT_FOUND], isFailure: true}, {grpc: [UNKNOWN], isFailure: false}]\nretries: {conditions: [Failure]}`,
    expected: [],
  },
  {
    what: 'classes of nothing, backwards, of no status',
    spec: `${target}responseClasses: [{isFailure: true}, {status: {min: 500, max: 400}, isFailure: true}, {status: {min: 99, max: 600}, grpc: [WRONG], isFailure: true}]`,
    expected: [
      'missing-field responseClasses[0]',
      'out-of-range responseClasses[1].status.max',
      'out-of-range responseClasses[2].status.min',
      'out-of-range responseClasses[2].status.max',
      'invalid-value responseClasses[2].grpc[0]',
    ],
  },
  {
    what: 'a latency of nothing',
    spec: `${target}outlierEjection: {latency: {threshold: 0s}, probe: true}`,
    expected: ['out-of-range outlierEjection.latency.threshold'],
  },
  {
    what: 'a latency without a threshold',
    spec: `${target}outlierEjection: {latency: {percentile: 100}}`,
    expected: ['missing-field outlierEjection.latency.threshold', 'out-of-range outlierEjection.latency.percentile'],
  },
  {
    what: 'a policy of named callers, about a service of another namespace too',
    spec: 'targetRefs: [{name: a, namespace: other}]\nfrom: [{accounts: [web]}]\nretries: {}',
    expected: [],
  },
  {
    what: 'what holds whoever calls, a Gateway, others’ callers',
    spec: 'targetRefs: [{name: a, namespace: other}, {kind: Gateway, name: g}, {kind: Namespace, name: shop, namespace: other}]\nfrom: [{namespaces: ["*"]}]\nfailover: {to: [{name: b, port: 80}]}',
    expected: ['exclusive-fields targetRefs[2].namespace'],
  },
  {
    what: 'what holds whoever calls, of named callers',
    spec: 'targetRefs: [{name: a, namespace: other}, {name: b}]\nfrom: [{namespaces: ["*"]}]\nfailover: {to: [{name: b, port: 80}]}\narrivals: {}',
    expected: ['exclusive-fields failover', 'exclusive-fields arrivals', 'foreign-namespace from[0].namespaces[0]'],
  },
  {
    what: 'a Gateway of named callers',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\nfrom: [{accounts: [web]}]\nretries: {}',
    expected: ['exclusive-fields targetRefs[0].kind'],
  },
  {
    what: 'shares of two kinds',
    spec: `${target}locality: {affinity: [{label: a, weight: 2}], distribute: [{from: eu, to: [{locality: eu, weight: 1}]}]}`,
    expected: ['exclusive-fields locality.affinity'],
  },
  {
    what: 'a limit of a stream and of the request',
    spec: `${target}timeouts: {stream: 1m, request: 1s}`,
    expected: ['exclusive-fields timeouts.stream'],
  },
  {
    what: 'what is about endpoints, of a route',
    spec: 'targetRefs: [{kind: HTTPRoute, name: a}]\nlimits: {}\nretries: {}',
    expected: ['warning no-effect limits'],
  },
  {
    what: 'two checks in one',
    spec: `${target}healthChecks: [{tcp: {}, http: {}}]`,
    expected: ['exclusive-fields healthChecks[0]'],
  },
  { what: 'no check in one', spec: `${target}healthChecks: [{}]`, expected: ['exclusive-fields healthChecks[0]'] },
  {
    what: 'a check of a relative path',
    spec: `${target}healthChecks: [{http: {path: health}}]`,
    expected: ['invalid-path healthChecks[0].http.path'],
  },
  {
    what: 'TLS by the authorities of the host, and other names',
    spec: `${target}tls: {serverName: a.example, wellKnownCACertificates: System, subjectAltNames: [{type: URI, uri: "spiffe://a/b"}]}`,
    expected: [],
  },
  {
    what: 'TLS by references',
    spec: 'targetRefs: [{kind: ExternalService, name: a, sectionName: https}]\ntls: {serverName: a.example, caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}',
    expected: [],
  },
  {
    what: 'TLS by PEM',
    spec: `${target}tls: {serverName: a.example, caCertificates: "-----BEGIN CERTIFICATE-----"}`,
    expected: [],
  },
  { what: 'TLS without any authority', spec: `${target}tls: {serverName: a.example}`, expected: ['missing-field tls'] },
  {
    what: 'TLS towards a foreign trust domain, with and without a server name',
    spec: `${target}tls: {federated: {trustDomain: b.example, identities: ["spiffe://b.example/a", "spiffe://b.example/b"]}}`,
    expected: [],
  },
  {
    what: 'TLS towards a foreign trust domain: a service of it behind its gateway, which says the server name',
    spec: `${target}tls: {serverName: a.example, federated: {trustDomain: b.example, service: {namespace: bank, name: ledger, port: 80}, identities: ["spiffe://b.example/a"]}}`,
    expected: ['exclusive-fields tls.serverName'],
  },
  {
    what: 'TLS towards a foreign trust domain: no other authority',
    spec: `${target}tls: {wellKnownCACertificates: System, subjectAltNames: [{type: URI, uri: "spiffe://b/a"}], federated: {trustDomain: b.example, identities: ["spiffe://b.example/a"]}}`,
    expected: ['exclusive-fields tls.subjectAltNames', 'exclusive-fields tls.wellKnownCACertificates'],
  },
  {
    what: 'TLS towards a foreign trust domain: identities of it alone, and some',
    spec: `${target}tls: {federated: {trustDomain: b.example, identities: ["spiffe://b.example.evil/a"]}}`,
    expected: ['invalid-value tls.federated.identities[0]'],
  },
  {
    what: 'TLS towards a foreign trust domain: a pattern is no identity',
    spec: `${target}tls: {federated: {trustDomain: b.example, identities: ["spiffe://b.example/*", "b.example/a", "spiffe://b.example/../a"]}}`,
    expected: [0, 1, 2].map((index) => `invalid-value tls.federated.identities[${index}]`),
  },
  {
    what: 'TLS without a server name',
    spec: `${target}tls: {wellKnownCACertificates: System}`,
    expected: ['missing-field tls.serverName'],
  },
  {
    what: 'TLS by everything at once',
    spec: `${target}tls: {serverName: a.example, caCertificates: "-----BEGIN CERTIFICATE-----", caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], wellKnownCACertificates: System}`,
    expected: ['exclusive-fields tls.caCertificateRefs', 'exclusive-fields tls.wellKnownCACertificates'],
  },
  {
    what: 'TLS with what is no authority, and a key',
    spec: `${target}tls: {serverName: a.example, caCertificates: "-----BEGIN CERTIFICATE----- -----BEGIN PRIVATE KEY-----"}`,
    expected: ['invalid-value tls.caCertificates'],
  },
  {
    what: 'TLS with a certificate of a Secret, TLS without verification',
    spec: `${target}tls: {serverName: a.example, wellKnownCACertificates: System, clientCertificateRef: {name: a}, insecureSkipVerify: true}`,
    expected: ['unsupported-field tls.clientCertificateRef', 'unsupported-field tls.insecureSkipVerify'],
  },
  {
    what: 'TLS of more than one service',
    spec: 'targetRefs: [{name: a}, {kind: Namespace, name: shop}, {kind: Mesh, name: default}, {kind: Subset, name: a}, {kind: HTTPRoute, name: a}, {kind: Gateway, name: a}]\ntls: {serverName: a.example, wellKnownCACertificates: System}',
    expected: [1, 2, 3, 4, 5].map((index) => `exclusive-fields targetRefs[${index}].kind`),
  },
]);
