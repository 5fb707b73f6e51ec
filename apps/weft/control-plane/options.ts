/** What a control plane is started with. */
import type { SignerAddress } from '@weft/control/authority';
import type { Log } from '../log.ts';
import type { ListenAddress } from './addresses.ts';
import type { BundleEndpointOptions } from './bundle-endpoint.ts';

export interface ControlPlaneOptions {
  readonly folder: string;
  readonly listen: ListenAddress;
  readonly log: Log;
  /** Base URL of a Prometheus that is asked in place of the built-in store of time series. */
  readonly prometheus?: string | undefined;
  /** Proxies tell of single requests, to be kept for a while. Default true. */
  readonly requests?: boolean | undefined;
  /** Where SPIFFE bundles are served, and with which certificate (PEM files); undefined: nowhere. */
  readonly bundleEndpoint?: Pick<BundleEndpointOptions, 'listen' | 'files'> | undefined;
  /** Where alerts of ServiceLevels are posted. */
  readonly alertWebhook?: string | undefined;
  /** Trust domain of the mesh `default`, when it is made; undefined: `weft.local`. */
  readonly trustDomain?: string | undefined;
  /** Folder with an issuer from outside (control/authority/issuer-files.ts). */
  readonly issuerFiles?: string | undefined;
  /** A signer outside (control/authority/signer.ts). */
  readonly signer?: SignerAddress | undefined;
}
