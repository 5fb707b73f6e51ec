/**
 * For proxyless gRPC clients: certificate, key and roots as files (certificate provider `file_watcher`, gRFC A29) and the xDS bootstrap
 * that names them (gRFC A27, A29). The key file is the only place where a workload's key is written: mode 0600 in a folder of mode 0700.
 */
import path from 'node:path';
import { OWN_SECRET } from '@weft/core/agent-api';
import type { AgentFolder } from '../folder/index.ts';
import type { SecretListener } from '../secrets/index.ts';

export const FILES = { certificate: 'certificate.pem', key: 'key.pem', roots: 'roots.pem' } as const;
/** Name by which the control plane's configuration refers to the files. */
export const CERTIFICATE_PROVIDER = 'default';

export class CertificateFiles {
  readonly #folder: AgentFolder;

  constructor(folder: AgentFolder) {
    this.#folder = folder;
  }

  /** Keeps the files equal to the secrets. The key is written before its certificate; a reader checks that they belong together. */
  readonly listener: SecretListener = (name, secret) => {
    if (secret.kind === 'roots') this.#folder.write(FILES.roots, secret.roots);
    else if (name === OWN_SECRET) {
      this.#folder.write(FILES.key, secret.privateKey);
      this.#folder.write(FILES.certificate, secret.certificateChain);
    }
  };
}

/** The JSON for GRPC_XDS_BOOTSTRAP. `nodeId`: `namespace/workload`; `folder`: the agent's. */
export function grpcBootstrap(options: {
  readonly socketPath: string;
  readonly nodeId: string;
  readonly folder: string;
  readonly metadata?: object;
}): string {
  const file = (name: string): string => path.join(options.folder, name);
  return `${JSON.stringify(
    {
      xds_servers: [
        {
          server_uri: `unix://${options.socketPath}`,
          channel_creds: [{ type: 'insecure' }],
          server_features: ['xds_v3'],
        },
      ],
      node: { id: options.nodeId, cluster: options.nodeId, metadata: options.metadata ?? {} },
      certificate_providers: {
        [CERTIFICATE_PROVIDER]: {
          plugin_name: 'file_watcher',
          config: {
            certificate_file: file(FILES.certificate),
            private_key_file: file(FILES.key),
            ca_certificate_file: file(FILES.roots),
            refresh_interval: '10s',
          },
        },
      },
    },
    null,
    2,
  )}\n`;
}
