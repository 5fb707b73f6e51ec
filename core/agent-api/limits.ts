/** Bounds on everything an agent or a control plane may send. A message beyond one of them is refused, never cut. */
export const LIMITS = {
  /** Bytes of one JSON message, either way; the gRPC shells refuse more before anything is parsed. */
  messageBytes: 256 * 1024,
  ports: 32,
  /** Addresses of its ports that a workload tells to be open beside its proxy. */
  openPorts: 64,
  addresses: 8,
  labels: 64,
  /** Kubernetes' label rules: 253 + 1 + 63. */
  labelKeyBytes: 317,
  labelValueBytes: 63,
  /** Characters of a public key (SPKI), a signature or a CSR in base64: several times what P-256 needs. */
  keyText: 1024,
  csrText: 4096,
  signatureText: 256,
  /** PEM text of a certificate chain or a trust bundle. */
  pemText: 128 * 1024,
  /** Certificates, and sets of authorities, of one Gateway. */
  certificates: 256,
  /** Edges in one message of counts, and numbers that a stream may give to edges. */
  edges: 200,
  edgeIds: 4096,
  /** Different answers of one edge in one message. */
  responses: 200,
  /** Exchanges in one message of a tap. */
  tapped: 100,
  /** JSON text of a JWK set. */
  jwksText: 32 * 1024,
  /** Trust domains beside a workload's own. */
  trustDomains: 32,
  audiences: 16,
  /** Characters of a JWT-SVID. */
  svidTokenText: 16 * 1024,
  tokenText: 1024,
  hostText: 255,
  /** Of a proxy. */
  threads: 256,
} as const;
