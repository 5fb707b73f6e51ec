/** placeholder */
export interface SelfIdentity {
  readonly workload: string;
}
