/**
 * The end of a turn: when the loop was asked for more to read and had none, 1 ms or MOST_READS reads later, whichever comes first. While the octets of
 * one socket are worked off those of the next arrive, so a turn of the loop that read something is followed by another before anything leaves: the
 * busier the engine, the fewer writes, which are most of what a request over HTTP/2 costs. The loop reads everything that is readable before it comes
 * to what waits (libuv: up to 48 times 1,024 sockets), so that without a bound the answers of a few clients would wait for the octets of thousands of
 * others, and what a flood makes would pile up. A read before which the loop had nothing to do is a turn of its own: there is seldom a second one to
 * wait for, and the way over the loop's immediates would be a tenth of what a request waits in an engine at rest. Where a turn brought only a few of
 * the many answers that HTTP/2 connections owe, the thread pauses before it asks for more (pauses.ts). One of each thread.
 */
import { Pauses } from './pauses.ts';
import { systemMonotonicClock } from './system-clock.ts';

/** ms without a read after which the loop had nothing to do; between two reads of a turn pass a few microseconds. */
const AT_REST = 0.05;

/** About 2 ms; more than most turns have. Batches of that size gain what batches can. */
export const MOST_READS = 64;

/** ms after which the loop is not asked for more; a flood's reads take that long each. */
const LONGEST = 1;

/** Answers of one turn of the loop with which it has read enough at once, and those that must be under way so that more are worth waiting for. */
const ENOUGH_ANSWERS = 16;
const MANY_DUE = 8;

let waiting: (() => void)[] = [];
/** When the first of what waits came. */
let waitsSince = 0;
let reads = 0;
/** `reads` when the loop last came to what waits. */
let readsBefore = 0;
let scheduled = false;
/** The read that is worked off ends what waits. */
let alone = false;
/** When the last read was worked off, or the last turn had ended. */
let restingSince = 0;

/** Answers that ended in this turn of the loop, and those that their connections owe yet. */
let answers = 0;
let due = 0;
let paused = false;
const pauses = new Pauses();

/** Within a read of an HTTP/2 connection upstream: so many of its exchanges ended with it, so many are under way. */
export function answersRead(ended: number, underWay: number): void {
  answers += ended;
  due += underWay;
}

/** Once, never at once. */
export function whenTurnEnds(work: () => void): void {
  if (waiting.length === 0) {
    reads = readsBefore = 0;
    waitsSince = systemMonotonicClock.now();
  }
  waiting.push(work);
  if (scheduled || alone) return;
  scheduled = true;
  setImmediate(atEnd);
}

/** Octets were read, and what they bring is worked off from here on; within a read of another clock it is part of that one. */
export function readBegins(): void {
  if (!alone) alone = waiting.length === 0 && systemMonotonicClock.now() - restingSince > AT_REST;
}

/** What one read brought is worked off. */
export function readWorkedOff(): void {
  if (waiting.length > 0) {
    reads += 1;
    if (alone || reads >= MOST_READS) {
      alone = false;
      run();
    }
  }
  alone = false;
  restingSince = systemMonotonicClock.now();
}

function atEnd(): void {
  if (reads > readsBefore && waiting.length > 0 && systemMonotonicClock.now() - waitsSince < LONGEST) {
    readsBefore = reads;
    if (paused) pauses.paid(answers > 1);
    paused = answers > 0 && answers < ENOUGH_ANSWERS && due >= MANY_DUE && pauses.take();
    answers = due = 0;
    setImmediate(atEnd);
    return;
  }
  if (paused) pauses.paid(answers > 1);
  paused = false;
  answers = due = 0;
  scheduled = false;
  run();
  restingSince = systemMonotonicClock.now();
}

function run(): void {
  const now = waiting;
  waiting = [];
  for (const work of now) work();
}
