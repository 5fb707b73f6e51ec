/** The bootstrap file of a proxyless gRPC client (gRFC A27, A29): the agent's socket for xDS, its 0600 files for certificates. */
import type { JsonObject } from '../../tables/index.ts';
import { CERTIFICATE_PROVIDER } from '../../resources/index.ts';

export interface GrpcBootstrapOptions {
  readonly node: {
    readonly id: string;
    readonly cluster: string;
    readonly metadata: JsonObject;
    readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  };
  /** Path of the agent's Unix socket. */
  readonly agentSocket: string;
  /** Files that the agent keeps; undefined: plaintext clusters only. */
  readonly certificates:
    | { readonly certificateFile: string; readonly privateKeyFile: string; readonly rootsFile: string }
    | undefined;
}

/** JSON text for GRPC_XDS_BOOTSTRAP. */
export function writeGrpcBootstrap(options: GrpcBootstrapOptions): string {
  const { id, cluster, metadata, locality } = options.node;
  const files = options.certificates;
  const providers =
    files === undefined
      ? {}
      : {
          [CERTIFICATE_PROVIDER]: {
            plugin_name: 'file_watcher',
            config: {
              certificate_file: files.certificateFile,
              private_key_file: files.privateKeyFile,
              ca_certificate_file: files.rootsFile,
              refresh_interval: '10s',
            },
          },
        };
  const bootstrap = {
    xds_servers: [
      {
        server_uri: `unix:${options.agentSocket}`,
        channel_creds: [{ type: 'insecure' }],
        server_features: ['xds_v3'],
      },
    ],
    node: {
      id,
      cluster,
      metadata,
      locality: { region: locality.region, zone: locality.zone, sub_zone: locality.subZone },
    },
    certificate_providers: providers,
  };
  return `${JSON.stringify(bootstrap, undefined, 2)}\n`;
}
