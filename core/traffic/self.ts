/** Who a proxy stands for, in what it counts. */
import { givenName, type Party } from './edge.ts';

/** '' is what is not known. */
export interface SelfIdentity {
  /** Name of the Workload. */
  readonly workload: string;
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  /** SPIFFE ID. */
  readonly identity: string;
  /** Service that inbound traffic is for, e.g. `orders.shop`. */
  readonly service: string;
  /** It lets traffic into the mesh: what arrives at any listener is its own call to a service. Absent: no. */
  readonly gateway?: boolean;
}

export const NO_SELF: SelfIdentity = {
  workload: '',
  namespace: '',
  app: '',
  version: '',
  identity: '',
  service: '',
};

export const selfParty = ({ workload, namespace, app, version, identity }: SelfIdentity): Party => ({
  namespace,
  workload: givenName(workload),
  app,
  version,
  identity,
});
