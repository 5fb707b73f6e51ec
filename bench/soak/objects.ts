/** The objects of a soak's mesh, as YAML. */

const LIFETIME = '20s';

const service = (version: string): string => `
apiVersion: v1
kind: Service
metadata: { name: hello-${version}, namespace: default }
spec: { selector: { app: hello, version: ${version} }, ports: [{ name: http, port: 80, appProtocol: http }] }
---`;

/** Certificates are renewed every 10 s or so; connections that a peak left idle close, so that their number says what is in use. */
export const base = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec:
  trustDomain: weft.local
  certificates: { lifetime: ${LIFETIME} }
  defaults: { timeouts: { idle: 20s } }
---${service('a')}${service('b')}
`;

const backends = (a: number): string => `
        - { name: hello-a, port: 80, weight: ${a} }
        - { name: hello-b, port: 80, weight: ${100 - a} }`;

/** The route of `hello`: `a` percent to version a; with `extra` rules for /extra (a header more) and /moved (a redirect). */
export const route = (a: number, extra: boolean): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: hello, namespace: default }
spec:
  parentRefs: [{ group: "", kind: Service, name: hello }]
  rules:${
    extra
      ? `
    - matches: [{ path: { type: PathPrefix, value: /moved } }]
      filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 302, path: { type: ReplaceFullPath, replaceFullPath: / } } }]
    - matches: [{ path: { type: PathPrefix, value: /extra } }]
      filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-extra, value: "1" }] } }]
      backendRefs:${backends(a)}`
      : ''
  }
    - backendRefs:${backends(a)}
`;

/** A policy about the service that refuses an account which nobody has. */
export const policy = (target: string): string => `
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: nobody-${target}, namespace: default }
spec:
  targetRefs: [{ kind: Service, name: ${target} }]
  action: DENY
  rules: [{ from: [{ accounts: [nobody] }] }]
`;
