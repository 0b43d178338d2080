import type { Fault } from '../fault.ts';
import { killOneOfAll } from './kill.ts';

/** Clients reach the BFFs through a balancer, which passes over the one that refuses. */
export const killBff: Fault = {
  id: 'F4',
  title: 'kill -9 of one BFF of two behind a balancer, again and again',
  edges: ['client>bff'],
  differs: 'a balancer of our own in place of HAProxy.',
  recoveryMsMax: 5000,
  resumeP99MsMax: 5000,
  // What was in flight breaks off without an answer; whoever asks again is answered by the other one.
  serverErrorsMax: 0,
  unansweredMax: 0,
  // Never the last one that lives: while there is none, no balancer can help.
  inject: (chaos) => killOneOfAll(chaos, 'bff', chaos.isShort ? 3 : 20),
};
