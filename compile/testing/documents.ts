/** Objects that may be there or not, for random sequences of changes. */
/** A namespace to put things in. */
export const BASE = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`;
/** A service with its workloads, routes and policies; two documents of one name are versions of one object. */
export const letter = (name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }, { name: grpc, port: 50051 }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-1, namespace: shop, labels: { app: ${name} } }
spec: { account: ${name}, addresses: [{ ip: 127.0.0.1 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-1, namespace: shop, labels: { app: ${name}, version: v2 } }
spec: { account: other, addresses: [{ ip: "::1" }], ports: [{ name: http, port: 8080, protocol: tcp }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-2, namespace: shop, labels: { app: ${name} } }
spec: { account: ${name}, addresses: [{ ip: 127.0.0.2 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: b, port: 80 }]
  rules:
    - { matches: [{ path: { value: /${name} } }, { path: { value: / } }], backendRefs: [{ name: ${name}, port: 80, weight: 3 }, { name: a, port: 80 }], timeouts: { request: 1s } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: ${name} }]
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ name: ${name} }], timeouts: { request: 2s }, balancing: { algorithm: RingHash, hashOn: [{ type: SourceIP }] } }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ kind: Namespace, name: shop }], retries: {}, limits: { requests: 5 } }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ name: ${name} }], rules: [{ from: [{ accounts: [a] }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${name}, namespace: shop }
spec: { action: DENY, targetRefs: [{ name: ${name}, sectionName: http }], rules: [{ from: [{ accounts: [b] }], to: [{ ports: [http] }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http, targetPort: 9999 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: { name: ${name}, namespace: shop }
spec: { parentRefs: [{ group: "", kind: Service, name: c }], rules: [{ backendRefs: [{ name: ${name}, port: 80 }, { name: a, port: 80 }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: Fault
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ kind: HTTPRoute, name: ${name} }], faults: [{ abort: { httpStatus: 503 } }] }
---
apiVersion: weft.dev/v1alpha1
kind: Fault
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ name: b }, { kind: Namespace, name: shop }], faults: [{ delay: { duration: 1s } }] }
---
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ name: ${name} }], local: { requests: 1 } }
---
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ kind: HTTPRoute, name: a }, { name: ${name}, sectionName: http }], local: { requests: 2 } }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [{ kind: HTTPRoute, name: a }, { name: c }], timeouts: { stream: 1m }, locality: { failover: None } }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: ${name}-labels, namespace: shop }
spec: { targetRefs: [{ name: b }], from: [{ accounts: [${name}] }], balancing: { algorithm: Random }, locality: { failoverPriority: [{ label: version }, { label: app, value: ${name} }], affinity: [{ label: app, weight: 3 }] } }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: ${name}-out, namespace: shop }
spec: { host: ${name}.example, ports: [{ name: http, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: ${name} }]
  rules:
    - filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: a, port: 80 } } }]
      backendRefs: [{ group: weft.dev, kind: ExternalService, name: ${name}-out, port: 80 }, { name: b, port: 80, filters: [{ type: CORS, cors: { allowOrigins: ["*"] } }] }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}-above, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: b }]
  rules: [{ matches: [{ path: { value: /${name} }, method: GET }], backendRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: a-below }, { group: gateway.networking.k8s.io, kind: HTTPRoute, name: ${name} }] }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}-below, namespace: shop }
spec: { rules: [{ matches: [{ headers: [{ name: x, value: ${name} }] }], backendRefs: [{ name: ${name}, port: 80 }] }, { backendRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: c-above }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: Subset
metadata: { name: ${name}-part, namespace: shop }
spec: { service: ${name}, labels: { app: a } }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: ${name}-part, namespace: shop }
spec: { targetRefs: [{ kind: Subset, name: ${name}-part }], limits: { requests: 7 } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: ${name} }]
  rules: [{ backendRefs: [{ group: weft.dev, kind: Subset, name: ${name}-part, port: 80 }, { name: b, port: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: a }, ports: [{ name: http, port: 80, appProtocol: tcp }] }
`;
export const MESHES = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: Permissive }, access: { default: Deny } }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, defaults: { timeouts: { connect: 1s } } }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: other }
spec: { trustDomain: other.example }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { weft.dev/mesh: other } }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`;

/** The documents of a text, each read by itself. */
export const documents = (yaml: string): string[] => yaml.split(/^---$/m);
