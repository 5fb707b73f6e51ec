/** Callers' certificates are asked for as the engine does: Node's own way loses native memory for each issuer that came along. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { presentedBy } from '@weft/proxy/transport/peer-certificate';

export const callerCertificate = (socket: TLSSocket): X509Certificate | undefined => presentedBy(socket)?.x509();
