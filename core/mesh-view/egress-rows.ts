/** How hosts outside the mesh are reached. */

/** The way out of an ExternalService. */
export interface ThroughRow {
  /** Key of the Gateway; '': there is none that lets it through, so that nothing is reached. */
  readonly gateway: string;
  /** Key of its listener for mutual TLS of the mesh, and its port. */
  readonly listener: string;
  readonly port: number;
}
