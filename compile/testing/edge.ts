/** A Gateway `edge` that asks clients for the certificates of partners, and leads all requests to the service `a`. `listeners`: a list in YAML, in one line or in lines of their own, indented by four. */
export const edge = (listeners: string): string => `
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { selector: { app: a }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Secret
metadata: { name: c }
type: kubernetes.io/tls
stringData: { tls.crt: "-----BEGIN CERTIFICATE-----", tls.key: "-----BEGIN PRIVATE KEY-----" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: partners }
data: { ca.crt: "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----" }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  gatewayClassName: weft
  tls: { frontend: { default: { validation: { caCertificateRefs: [{ group: "", kind: ConfigMap, name: partners }] } } } }
  listeners: ${listeners}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: a, port: 80 }] }] }
`;
