import { t } from 'elysia';

// Spelled out: over a mapped list elysia's type of a route's answer becomes never.
export const Role = t.Union([t.Literal('owner'), t.Literal('admin'), t.Literal('member'), t.Literal('viewer')]);
