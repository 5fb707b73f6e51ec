/** The identities of workloads: `spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT` (DESIGN, Identity). */
import { err, ok, type Result } from '../kernel/index.ts';
import { formatSpiffeId, parseSpiffeId } from './spiffe-id.ts';

export interface WorkloadIdentity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly account: string;
}

/** The SPIFFE ID of an account's workloads. The three parts must be valid names; this does not check them. */
export const identityOf = (trustDomain: string, namespace: string, account: string): string =>
  formatSpiffeId({ trustDomain, path: `/ns/${namespace}/sa/${account}` });

/** The parts of a workload's SPIFFE ID; the error is a phrase for a person. */
export function parseWorkloadIdentity(text: string): Result<WorkloadIdentity, string> {
  const id = parseSpiffeId(text);
  if (!id.ok) return id;
  const [, ns, namespace, sa, account, ...more] = id.value.path.split('/');
  if (ns !== 'ns' || sa !== 'sa' || namespace === undefined || account === undefined || more.length > 0) {
    return err('the identity of a workload has the path `/ns/NAMESPACE/sa/ACCOUNT`');
  }
  return ok({ trustDomain: id.value.trustDomain, namespace, account });
}
