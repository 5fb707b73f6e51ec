/** Requests that happened, as far as the control plane keeps them. */
import type { Entered, TapRecord } from '../tap/index.ts';

/** `/weft/v1/why?id=ID` */
export interface WhyDocument {
  readonly requestId: string;
  /** In the order of their way; empty: none is kept that this user may see. */
  readonly hops: readonly RequestHop[];
  /** null: the control plane keeps none at all. */
  readonly keeping: Keeping | null;
  /** null: nothing is kept of it, or it could not be asked: then `unanswered` says why. */
  readonly decision: RequestDecision | null;
  readonly unanswered: string;
}

export interface RequestHop {
  /** Key of the workload whose proxy told it. */
  readonly workload: string;
  readonly addressed: Addressed | null;
  readonly record: TapRecord;
  /** Rule of the policy that refused it there, and where that stands (`file:line:column`); '' without. */
  readonly rule: string;
  readonly rulePlace: string;
  readonly routePlace: string;
  /** All of it, as `weft why` writes it. */
  readonly text: string;
}

/** `/weft/v1/requests`; newest first. */
export interface RequestsDocument {
  readonly keeping: Keeping | null;
  readonly requests: readonly KeptRequestDocument[];
}

export interface KeptRequestDocument {
  readonly workload: string;
  readonly addressed?: Addressed | undefined;
  readonly record: TapRecord;
}

export interface RequestDecision {
  /** Of which configuration: that of the moment, or today's since that is known no more. */
  readonly of: 'then' | 'now';
  /** null: today's. */
  readonly revision: number | null;
  /** The newest change before it, as a phrase; '' without. */
  readonly changed: string;
  readonly verdict: string;
  /** Whether it says what happened. */
  readonly agrees: boolean;
  /** As `weft explain` says it. */
  readonly text: string;
  /** What was not kept of the request and may count. */
  readonly unsure: readonly string[];
}

/** What is kept, so that an answer can say what it does not know. */
export interface Keeping {
  /** Unix ms since when requests are told. */
  readonly since: number;
  readonly requests: number;
  /** Of them refused or failed. */
  readonly telling: number;
  /** That they take in memory. */
  readonly octets: number;
  /** Unix ms of the oldest one; 0: there is none. */
  readonly oldest: number;
  /** Requests that what was told stands for, kept or forgotten. */
  readonly told: number;
  /** Refusals and failures that proxies left out since there were too many. */
  readonly missed: number;
  /** Shapes that had no room. */
  readonly shapesForgotten: number;
  /** Octets that the others take. */
  readonly shapesOctets: number;
}

/** What a request was addressed to, by the port of the proxy that took it. */
export interface Addressed {
  /** Key of the service, or of the Gateway. */
  readonly service: string;
  readonly port: number;
  readonly gateway: boolean;
}

/** What became of it, as far as both sides can tell: `refused` is 401 or 403, whoever said so. */
export type Outcome = 'answered' | 'refused' | 'failed';

/** `/weft/v1/seen` */
export interface SeenDocument {
  readonly keeping: Keeping | null;
  /** ms. */
  readonly window: number;
  readonly shapes: readonly SeenShape[];
}

/** Requests that have all of this in common. */
export interface SeenShape {
  /** Key of the workload that told it, by its given name, and the SPIFFE ID that it has. */
  readonly workload: string;
  readonly identity: string;
  readonly direction: 'inbound' | 'outbound';
  /** `namespace/name` of the other side, or its address ('' of strangers); its SPIFFE ID, '' for none. */
  readonly peer: string;
  readonly peerIdentity: string;
  readonly kind: 'http' | 'tcp';
  readonly secured: boolean;
  /** null: nobody knows. */
  readonly addressed: Addressed | null;
  readonly method: string;
  readonly authority: string;
  /** With `*` for segments that differ; '…' of what an edge has beyond its budget. */
  readonly pathClass: string;
  readonly outcome: Outcome;
  /** Of the window; what samples stand for, so about right. */
  readonly count: number;
  /** How many it was counted from. */
  readonly samples: number;
  /** Unix ms. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The newest of them. */
  readonly example: {
    readonly path: string;
    readonly requestId: string;
    readonly status: number;
    readonly route: string;
    /** Who entered by a Gateway; absent: none did. */
    readonly entered?: Entered | undefined;
  };
}
