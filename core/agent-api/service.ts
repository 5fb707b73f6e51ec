/** The gRPC service between agent and control plane. Messages are JSON in UTF-8, one object each. */
import { trustDomainLabel } from '../identity/index.ts';

export const AGENT_SERVICE = 'weft.agent.v1.Agent';

export const AGENT_METHODS = {
  /** Unary: JoinRequest -> JoinResponse. */
  join: `/${AGENT_SERVICE}/Join`,
  /** Unary: IssueRequest -> IssueResponse. */
  issue: `/${AGENT_SERVICE}/Issue`,
  /** Unary: TokenRequest -> TokenResponse. */
  token: `/${AGENT_SERVICE}/Token`,
  /** Both ways: AttachUp -> AttachDown. */
  attach: `/${AGENT_SERVICE}/Attach`,
  /** Both ways: ObserveUp -> ObserveDown. */
  observe: `/${AGENT_SERVICE}/Observe`,
} as const;

/** Static cluster of an engine outside the agent's process that leads to the agent's socket: ADS, SDS, and the log of what it carried. */
export const AGENT_CLUSTER = 'weft_agent';

/** Names of access logs that go to the agent: on which side of a call the proxy stands. */
export const SOURCE_LOG = 'weft/source';
export const DESTINATION_LOG = 'weft/destination';

/** DNS name in the control plane's own certificate. SVIDs carry no DNS name, so no workload can pass as the control plane. */
export const CONTROL_PLANE_NAME = 'control-plane.weft.internal';

/**
 * The name that a workload of a trust domain calls the control plane by when it shows its certificate: it is then verified under the roots of
 * that trust domain alone.
 */
export const controlPlaneNameFor = (trustDomain: string): string =>
  `${trustDomainLabel(trustDomain)}.${CONTROL_PLANE_NAME}`;

/** Name of the secret with the workload's own certificate and key. */
export const OWN_SECRET = 'default';

/** Name of the validation context (and trust bundle) of a trust domain. */
export const trustBundleName = (trustDomain: string): string => `trust/${trustDomain}`;

/** Secret with the certificate of a Secret object, answered by the agent of a gateway that is bound to it. */
export const certificateName = (secret: string): string => `secret/${secret}`;

/** Secret with the authorities that the host of the proxy trusts, answered by its agent. */
export const SYSTEM_ROOTS = 'roots/system';

/** Secret with the authorities of these ConfigMap objects together. */
export const authoritiesName = (configMaps: readonly string[]): string => `authorities/${configMaps.join(',')}`;
