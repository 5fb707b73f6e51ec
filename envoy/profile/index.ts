/**
 * Who a configuration is encoded for. An engine states itself in the node of its first request; what it does not state, it does not
 * have. `features` are words of our own engine (from `client_features`), so that one control plane serves several versions.
 */
export type Engine = 'weft' | 'envoy' | 'grpc';

export interface ClientProfile {
  readonly engine: Engine;
  /** Text such as `1.40.0`; '' when the client does not say. */
  readonly version: string;
  readonly features: ReadonlySet<string>;
}

export const WEFT_PROFILE: ClientProfile = { engine: 'weft', version: '', features: new Set() };
export const ENVOY_PROFILE: ClientProfile = { engine: 'envoy', version: '1.40.0', features: new Set() };
export const GRPC_PROFILE: ClientProfile = { engine: 'grpc', version: '', features: new Set() };
