/**
 * Attach: the stream that is a workload's lease. The agent's first message is `hello`; the control plane answers `registered`. A stream
 * that ends without `deregister` before counts as lost, not as a farewell.
 */
import { type Diagnostic, isLoopback, parseIp, type Result } from '../kernel/index.ts';
import { readBundle, REGISTRATION_RULE, type TrustBundleMessage } from './credentials.ts';
import { LIMITS } from './limits.ts';
import { LABEL_RULE, type ObjectReader, PRINTABLE, readMessage } from './reader.ts';
import { readWorkload, type ServiceWish, type WorkloadDescription, workloadJson } from './workload.ts';

export interface Hello {
  readonly type: 'hello';
  /** By whose right: on TLS it must be the registration in the SVID, on the Unix socket it says which one. */
  readonly registration: string;
  readonly namespace: string;
  readonly workload: WorkloadDescription;
  /** Absent with `--no-service`. */
  readonly service: ServiceWish | undefined;
  /** The name the control plane gave earlier, to take up the lease again after a lost stream. */
  readonly instance: string | undefined;
  /** Version of the trust bundle in use, '' before the first. */
  readonly bundle: string;
  /** When the certificate in use ends, ms since the epoch; absent before the first. For those who look on: nothing is decided by it. */
  readonly certificateEnds?: number | undefined;
  /** State of the ports now. */
  readonly readiness: ReadonlyMap<string, boolean>;
}

export type AttachUp =
  | Hello
  /** Ports that are not named keep their state. A port counts as not ready until it was named. */
  | { readonly type: 'readiness'; readonly ports: ReadonlyMap<string, boolean> }
  /** All that is open beside the proxy now; before the first one nothing is known to be. */
  | { readonly type: 'openPorts'; readonly ports: readonly OpenPort[] }
  /** The bundle of that version verifies peers from now on. */
  | { readonly type: 'bundleInUse'; readonly version: string }
  /** Asks to be taken out of every proxy's endpoints; answered by `deregistered`. The Workload goes when the stream ends. */
  | { readonly type: 'deregister' };

/** An application's port that others reach without its proxy. */
export interface OpenPort {
  readonly port: number;
  /** Where it listens, not a loopback address; `0.0.0.0` and `::` for every address. */
  readonly ip: string;
  /** Name of the program that listens; '' when the agent may not see it. */
  readonly process: string;
}

export type AttachDown =
  | {
      readonly type: 'registered';
      readonly namespace: string;
      readonly name: string;
      /** Threads that its proxy serves on unless it was told otherwise. */
      readonly concurrency: number;
    }
  | { readonly type: 'bundle'; readonly bundle: TrustBundleMessage }
  /** `acknowledged` is false when not every holder said so in time. */
  | { readonly type: 'deregistered'; readonly acknowledged: boolean }
  /** Of a gateway's process: everything that its Gateway refers to. What is not in it is not to be used any more. */
  | { readonly type: 'material'; readonly material: GatewayMaterial }
  /** The certificate in use is to be replaced, at a moment within that many ms: its authority is not to be trusted any more. */
  | { readonly type: 'renew'; readonly within: number }
  /** The registration was revoked; the stream ends and no certificate will be issued again. */
  | { readonly type: 'revoked' };

const BUNDLE_VERSION = { max: 64, empty: true, pattern: /^[0-9a-f]+$/, form: 'hexadecimal digits' } as const;

export function readAttachUp(value: unknown): Result<AttachUp, readonly Diagnostic[]> {
  return readMessage(value, (reader): AttachUp => {
    const type = reader.oneOf('type', ['hello', 'readiness', 'openPorts', 'bundleInUse', 'deregister'], 'deregister');
    switch (type) {
      case 'hello': {
        const hello: Hello = {
          type,
          registration: reader.text('registration', REGISTRATION_RULE),
          namespace: reader.text('namespace', LABEL_RULE),
          workload: reader.object('workload', readWorkload),
          service: reader.optionalObject('service', (service) => ({ name: service.text('name', LABEL_RULE) })),
          instance: reader.optionalText('instance', LABEL_RULE),
          bundle: reader.text('bundle', BUNDLE_VERSION),
          certificateEnds: reader.has('certificateEnds')
            ? reader.integer('certificateEnds', 0, Number.MAX_SAFE_INTEGER)
            : undefined,
          readiness: readReadiness(reader, 'readiness'),
        };
        if (hello.instance !== undefined && hello.instance.slice(0, -6) !== hello.workload.name)
          reader.refuse('instance', 'malformed', "must be the workload's name and '-xxxxx'");
        for (const port of hello.readiness.keys()) {
          if (!hello.workload.ports.some((known) => known.name === port))
            reader.refuse('readiness', 'unknown-value', `there is no port named ${port.slice(0, 80)}`);
        }
        return hello;
      }
      case 'readiness':
        return { type, ports: readReadiness(reader, 'ports') };
      case 'openPorts':
        return { type, ports: reader.list('ports', LIMITS.openPorts, readOpenPort) };
      case 'bundleInUse':
        return { type, version: reader.text('version', BUNDLE_VERSION) };
      case 'deregister':
        return { type };
      default:
        return type satisfies never;
    }
  });
}

export function readAttachDown(value: unknown): Result<AttachDown, readonly Diagnostic[]> {
  return readMessage(value, (reader): AttachDown => {
    const type = reader.oneOf(
      'type',
      ['registered', 'bundle', 'deregistered', 'material', 'renew', 'revoked'],
      'deregistered',
    );
    switch (type) {
      case 'registered':
        return {
          type,
          namespace: reader.text('namespace', LABEL_RULE),
          name: reader.text('name', LABEL_RULE),
          // A control plane of before says nothing of it.
          concurrency: reader.has('concurrency') ? reader.integer('concurrency', 1, LIMITS.threads) : 1,
        };
      case 'bundle':
        return { type, bundle: reader.object('bundle', readBundle) };
      case 'deregistered':
        return { type, acknowledged: reader.boolean('acknowledged') };
      case 'material':
        return { type, material: reader.object('material', readMaterial) };
      case 'renew':
        return { type, within: reader.integer('within', 0, 3_600_000) };
      case 'revoked':
        return { type };
      default:
        return type satisfies never;
    }
  });
}

/** Of a Gateway, by the names of its configuration. Keys travel to its own processes alone. */
export interface GatewayMaterial {
  readonly certificates: readonly {
    readonly name: string;
    /** PEM, the leaf first. */
    readonly certificateChain: string;
    /** PEM. */
    readonly privateKey: string;
  }[];
  readonly authorities: readonly { readonly name: string /** PEM. */; readonly roots: string }[];
}

const MATERIAL_NAME = { max: 4096, pattern: /^(?:secret|authorities)\/[a-z0-9.,/-]+$/, form: 'a name of a secret' };
const MATERIAL_TEXT = { max: LIMITS.pemText };

const readMaterial = (reader: ObjectReader): GatewayMaterial => ({
  certificates: reader.list('certificates', LIMITS.certificates, (entry) => ({
    name: entry.text('name', MATERIAL_NAME),
    certificateChain: entry.text('certificateChain', MATERIAL_TEXT),
    privateKey: entry.text('privateKey', MATERIAL_TEXT),
  })),
  authorities: reader.list('authorities', LIMITS.certificates, (entry) => ({
    name: entry.text('name', MATERIAL_NAME),
    roots: entry.text('roots', MATERIAL_TEXT),
  })),
});

const readReadiness = (reader: ObjectReader, name: string): ReadonlyMap<string, boolean> =>
  reader.map(name, LIMITS.ports, LABEL_RULE, (value, path, faults) => {
    if (typeof value !== 'boolean') faults.add(path, 'wrong-type', 'must be true or false');
    return value === true;
  });

const PROGRAM = { ...PRINTABLE, max: 64 };

function readOpenPort(reader: ObjectReader): OpenPort {
  const ip = reader.text('ip', { max: 45 });
  const parsed = parseIp(ip);
  if (ip !== '' && parsed === undefined) reader.refuse('ip', 'malformed', 'must be an IPv4 or IPv6 address');
  if (parsed !== undefined && isLoopback(parsed)) reader.refuse('ip', 'out-of-range', 'must not be of loopback');
  return { port: reader.integer('port', 1, 65535), ip, process: reader.text('process', PROGRAM) };
}

/** The JSON value of a message of the agent. */
export function attachUpJson(message: AttachUp): object {
  switch (message.type) {
    case 'hello':
      return {
        ...message,
        workload: workloadJson(message.workload),
        readiness: Object.fromEntries(message.readiness),
      };
    case 'readiness':
      return { type: message.type, ports: Object.fromEntries(message.ports) };
    case 'openPorts':
    case 'bundleInUse':
    case 'deregister':
      return message;
    default:
      return message satisfies never;
  }
}
