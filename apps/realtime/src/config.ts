import {
  clientSettings,
  issuerSettings,
  listenSettings,
  originSettings,
  redisSettings,
  serviceUrlSettings,
  shardSettings,
} from '@chatapp/service/common-settings';
import { integer } from '@chatapp/service/config';

const { bffUrls, conversationsUrls, messagesUrls } = serviceUrlSettings;

export const settings = {
  ...listenSettings(3003),
  ...redisSettings,
  ...issuerSettings,
  ...clientSettings('realtime'),
  ...originSettings,
  ...shardSettings,
  bffUrls,
  conversationsUrls,
  messagesUrls,
  accessCacheSeconds: integer('ACCESS_CACHE_SECONDS', {
    about: 'how long an answer about access is believed, seconds',
    default: 60,
    min: 1,
    max: 600,
  }),
  commandsPerMinute: integer('COMMANDS_PER_MINUTE', {
    about: 'commands a person may send a minute, with a burst of a sixth of it',
    default: 120,
    min: 6,
    max: 1_000_000,
  }),
  conversationCommandsPerMinute: integer('CONVERSATION_COMMANDS_PER_MINUTE', {
    about: 'commands of all members of one conversation a minute, with a burst of a sixth of it',
    default: 6000,
    min: 6,
    max: 10_000_000,
  }),
  sessionSweepSeconds: integer('SESSION_SWEEP_SECONDS', {
    about: 'how often the sessions of open sockets are looked up at the BFF, seconds',
    default: 45,
    min: 1,
    max: 50,
  }),
  headsSweepSeconds: integer('HEADS_SWEEP_SECONDS', {
    about: 'how often positions are held against the database, so that the loss of a last publish is found, seconds',
    default: 30,
    min: 1,
    max: 30,
  }),
};
