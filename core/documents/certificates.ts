/** Who holds which X.509-SVID. */

/** `/weft/v1/certificates`; by workload. */
export interface CertificatesDocument {
  readonly certificates: readonly CertificateState[];
}

/** Of a workload whose agent is connected; workloads of one agent share theirs. */
export interface CertificateState {
  readonly namespace: string;
  readonly name: string;
  readonly mesh: string;
  /** SPIFFE ID. */
  readonly identity: string;
  readonly registration: string;
  /** SHA-256 of the root that its newest certificate was issued under; '' when this process has issued none. */
  readonly root: string;
  /** RFC 3339, '' when this process has issued none. */
  readonly expires: string;
}
