/**
 * Findings of `weft check` about objects that are each right by themselves, with numbers that stay: scripts and people refer to them. A
 * number is never given twice. Faults of one object (fields, types, values) have no number: their message says all.
 */
export interface FindingCode {
  /** `WEFT0101` */
  readonly number: string;
  /** Diagnostic.code */
  readonly code: string;
  /** What it is and why it matters; Markdown. */
  readonly doc: string;
  readonly remedy: string;
}

const code = (number: string, word: string, doc: string, remedy: string): FindingCode => ({
  number: `WEFT${number}`,
  code: word,
  doc,
  remedy,
});

export const FINDING_CODES: readonly FindingCode[] = [
  code(
    '0101',
    'never-matches',
    'A match of a route stands behind another that takes all of its requests: its rule never counts.',
    'Make the other match narrower, or remove this one.',
  ),
  code(
    '0102',
    'equal-match',
    'Two rules have the same match. The older route counts, then the first by namespace and name (Gateway API).',
    'Make one of the two differ, or remove it.',
  ),
  code(
    '0103',
    'no-endpoints',
    'A backend has a share of the requests and no workload that runs. Its share fails with 503.',
    'Start a workload that its Service selects, or take the weight away.',
  ),
  code(
    '0104',
    'no-selector',
    'A Service selects no workload and no route is attached to it: each request to it fails.',
    'Select workloads by their labels, or attach a route.',
  ),
  code(
    '0105',
    'no-protocol',
    'Nothing says what a Service’s port carries. It is taken as opaque TCP: no routes, no retries, no metrics of requests.',
    'Add `appProtocol` to the port; with `auto` each connection is looked at.',
  ),
  code(
    '0106',
    'backend-not-found',
    'A route refers to a Service that is not there. Its share is answered with 500.',
    'Create the Service, or correct the name.',
  ),
  code(
    '0107',
    'upstream-not-found',
    'A proxy was asked to open a Service (`--upstream`) that is not there; nothing listens until it is.',
    'Create the Service, or correct the name.',
  ),
  code(
    '0108',
    'conflicted',
    'Two objects say something about the same and only one can count: the older one, then the first by namespace and name.',
    'Say it in one of them.',
  ),
  code(
    '0109',
    'target-not-found',
    'A policy is about something that is not there: that target has no effect.',
    'Create it, or correct the name.',
  ),
  code(
    '0110',
    'namespace-not-found',
    'An object is in a namespace that no Namespace object declares: it has no effect.',
    'Create the Namespace, or correct the name.',
  ),
  code(
    '0111',
    'mesh-not-found',
    'A namespace belongs to a Mesh that is not there: nothing in it has an effect.',
    'Create the Mesh, or correct the label.',
  ),
  code(
    '0112',
    'not-visible',
    'A proxy was asked to open a Service (`--upstream`) that a Visibility hides from its callers; nothing listens.',
    'Add the Service to the Visibility, or leave the upstream out.',
  ),
  code(
    '0113',
    'host-shadowed',
    'Of the hosts below a wildcard of one ExternalService, or of a range of its addresses, another ExternalService names some more exactly, on the same port. Calls of those are calls of the other one: what policies, routes and rules say about the first does not hold for them.',
    'If it should, say it about the other one too, or remove the host there.',
  ),
  code(
    '0114',
    'delegation-cycle',
    'HTTPRoutes lead to one another in a circle, or too deep: what the rule takes is answered with 500.',
    'Let one of them refer to a Service.',
  ),
  code(
    '0115',
    'nothing-delegated',
    'A rule refers to an HTTPRoute, none of whose rules takes anything of what this rule takes: it has no effect.',
    'Write the paths of the other route below that of the rule, or without any.',
  ),
  code(
    '0201',
    'selects-nothing',
    'An access policy is about no workload that runs: it protects nobody.',
    'Compare `targetRefs` and `workloadSelector` with the labels of workloads.',
  ),
  code(
    '0202',
    'contradicting-policies',
    'A DENY rule refuses all that an ALLOW rule allows. A DENY is never outvoted, so the ALLOW has no effect.',
    'Remove one of the two, or except callers from the DENY.',
  ),
  code(
    '0203',
    'rule-about-requests',
    'A rule about requests is about a port that carries TCP. There an ALLOW matches nothing, a DENY whatever else it says.',
    'Name ports that carry HTTP, or state the port’s protocol.',
  ),
  code(
    '0204',
    'no-identity',
    'Without mutual TLS nobody has an identity: a rule about callers matches none of them.',
    'Switch mutual TLS on in the Mesh, or in the Authentication that switches it off at the port.',
  ),
  code(
    '0205',
    'unenforced',
    'Something says that a workload is guarded, and it has no proxy that could. It is left out of the endpoints.',
    'Start it with `weft run`.',
  ),
  code('0206', 'invariant-broken', 'An Invariant does not hold.', 'See `weft explain` for who lets the call through.'),
  code(
    '0207',
    'keys-not-fetched',
    'The keys of a token issuer could not be fetched. Until some are known every token of it is refused; keys fetched before count on.',
    'Fetch the address by hand on the control plane’s host, or write the keys into `jwks`.',
  ),
  code(
    '0208',
    'bundle-not-fetched',
    'The bundle of a foreign trust domain (Mesh `spec.federation`) could not be fetched, or what was pasted cannot be read. The one fetched last counts on, else the pasted one; without any nobody of that trust domain is believed.',
    'Fetch the address by hand on the control plane’s host; compare the certificate of the endpoint with `profile`.',
  ),
  code(
    '0301',
    'plaintext-hop',
    'Calls to a workload without a proxy travel in plaintext: others on the way can read and change them.',
    'Start it with `weft run`.',
  ),
  code(
    '0302',
    'plaintext-accepted',
    'Mutual TLS is permissive or off, by the Mesh or by an Authentication about a namespace, a service or a port: callers without a certificate are answered.',
    'Write `Strict` there, or remove the Authentication, once every caller has a proxy.',
  ),
  code(
    '0303',
    'shared-trust-domain',
    'Two meshes have one trust domain: workloads of either pass the mutual TLS of the other.',
    'Make one of them anew with a trust domain of its own.',
  ),
  code(
    '0304',
    'open-beside-proxy',
    'A service listens for other hosts beside its proxy (0.0.0.0, or an address of the host): whoever reaches that port calls it without mutual TLS and policies. Each agent looks every five seconds in the network namespace that it runs in (Linux), and names the program where it may see it; it is taken back when the port is closed. Of workloads that have no agent `weft check` sees those on its own host. Nothing is said of ports where mutual TLS is not `Strict` (WEFT0302), of UDP, and of ports that a proxy itself listens on.',
    'Let the service listen on 127.0.0.1 (or ::1); close the port to others where it cannot.',
  ),
  code(
    '0305',
    'path-exposed',
    'An Authentication exposes paths of a port: anybody in reach of the proxy’s `listenerPort` may GET them in plaintext, without a certificate. It is said so that it is seen, and is no fault.',
    'Nothing, where it is meant; else remove `exposed`.',
  ),
  code(
    '0306',
    'not-exposed',
    'An Authentication exposes paths of a port, and nothing is opened: the port speaks TCP, or the `listenerPort` is in use by the workload itself.',
    'Name another `listenerPort`; say what the port speaks where the workload is started.',
  ),
  code(
    '0307',
    'clients-unverified',
    'A Gateway lets in clients without a valid certificate on a port where it would ask for one (`AllowInsecureFallback`). Nobody has an identity there, also who has a valid certificate: rules that allow identities allow nobody, rules that deny them deny nobody.',
    'Write `AllowValidOnly`; the option `weft.dev/client-certificates: Optional` lets in who shows none.',
  ),
  code(
    '0401',
    'unsupported-by-engine',
    'A proxy’s engine cannot do what an object says. The object is Programmed=False; where security is concerned the hop is closed.',
    'Use an engine that can (the reference of each kind says which), or leave the field out.',
  ),
  code(
    '0402',
    'disconnected',
    'A workload is registered and its proxy is not connected.',
    'Look at the output of its `weft run`.',
  ),
  code(
    '0403',
    'stale',
    'A proxy has not acknowledged its configuration.',
    'Run `weft status` again; look at the output of its `weft run` when it stays.',
  ),
  code(
    '0404',
    'certificate-expires',
    'A workload’s certificate was not renewed when it should have been.',
    'Look at the output of its `weft run`.',
  ),
  code(
    '0405',
    'root-expires',
    'A root, or the certificate that signs under it, ends within 30 days: then nobody in the mesh trusts anybody.',
    'Begin `weft authority rotate`; bring a new root where it comes from outside.',
  ),
  code(
    '0406',
    'nothing-to-patch',
    'A patch of an EnginePatch finds nothing to change in any connected proxy that it is about.',
    'Compare the names in its `match` with those that `weft config` shows.',
  ),
  code(
    '0501',
    'no-gateway-process',
    'No process serves a Gateway: its ports are closed.',
    'Start `weft gateway --name NAME`.',
  ),
  code(
    '0502',
    'no-matching-parent',
    'A route names a Gateway, listener, Service or port that is not there, or that does not fit its kind: it has no effect there.',
    'Correct `parentRefs`, or create the parent.',
  ),
  code(
    '0503',
    'not-allowed-by-listeners',
    'No listener of a Gateway takes a route of this kind and namespace.',
    'Widen `allowedRoutes` of the listener, or choose another parent.',
  ),
  code(
    '0504',
    'no-matching-listener-hostname',
    'A route and the listeners that it names have no host name in common.',
    'Make the host names overlap.',
  ),
  code(
    '0505',
    'ref-not-permitted',
    'A reference leads to another namespace, which does not permit it. Its share is answered with 500; a certificate is not used.',
    'Make a ReferenceGrant in the other namespace.',
  ),
  code(
    '0506',
    'protocol-conflict',
    'Two listeners speak different protocols on one port: neither is served.',
    'Give one of them another port.',
  ),
  code(
    '0507',
    'hostname-conflict',
    'Two listeners have the same host name on one port: neither is served.',
    'Make the host names differ.',
  ),
  code(
    '0508',
    'invalid-certificate-ref',
    'A listener refers to a certificate that is not there. Without any it is not served.',
    'Create the Secret, or correct the name.',
  ),
  code(
    '0509',
    'route-kind-conflict',
    'An HTTPRoute and a GRPCRoute have a host name of a listener, or a port, in common: those of the kind of the oldest are served.',
    'Give them different host names or listeners.',
  ),
  code(
    '0510',
    'gateway-class-not-found',
    'A Gateway names a class that is not there: nobody serves it.',
    'Write `weft`, or create the GatewayClass.',
  ),
  code(
    '0511',
    'datagrams-not-secured',
    'UDP has no mutual TLS, and the port asks for it (Mesh `mtls.mode`, unless an Authentication says otherwise): no datagrams are sent.',
    'Write `Permissive` in the Mesh or in an Authentication about the port, or use TCP.',
  ),
  code(
    '0512',
    'export-nowhere',
    'A Service is exported to a mesh that is not there, or to its own.',
    'Name meshes that there are, with commas between them.',
  ),
  code(
    '0513',
    'not-allowed',
    'A Gateway does not let in ListenerSets of that namespace: none of its listeners is served.',
    'Widen `allowedListeners` of the Gateway.',
  ),
  code(
    '0514',
    'parent-not-accepted',
    'A ListenerSet names a Gateway that is not there, or that somebody else serves.',
    'Create it, or correct the name.',
  ),
  code(
    '0515',
    'datagrams-without-headers',
    'A TrafficPolicy takes PROXY headers at a Gateway’s listener of UDP. Datagrams have none: the policy does nothing there.',
    'Name a listener of another protocol.',
  ),
  code(
    '0601',
    'budget-burns',
    'The budget of failures of a ServiceLevel burns faster than one of its alerts allows.',
    'See what fails with `weft stat`, and what changed before it on the dashboard.',
  ),
  code(
    '0602',
    'not-measured',
    'A ServiceLevel could not be measured: the store of time series, or the Prometheus in its place, did not answer.',
    'See the log of the control plane.',
  ),
  code(
    '0603',
    'invariant-contradicted',
    'A call that an Invariant forbids was seen to get through within the last hour, since the Invariant is there: plaintext to what is `encrypted`, or a caller that `never` names. The configuration may say otherwise: a proxy that has not got it yet, a connection older than the rule, a workload beside its proxy.',
    'See `weft why` for the request that the finding names; compare with `weft explain`, and `weft status` for proxies that lag.',
  ),
];

export const findingNumber = (word: string): string | undefined =>
  FINDING_CODES.find((entry) => entry.code === word)?.number;
