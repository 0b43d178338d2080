"""Plays scenarios over a socket by Debian's python3-websockets; prints what came of each, a JSON line."""

import asyncio
import base64
import json
import sys

import websockets

QUIET_SECONDS = 0.3
LIMIT_SECONDS = 5


async def play(scenario):
    events = []
    changed = asyncio.Condition()

    async def note(event):
        async with changed:
            events.append(event)
            changed.notify_all()

    async def until(count):
        async with changed:
            await changed.wait_for(lambda: len(events) >= count)

    async def listen(socket):
        try:
            async for message in socket:
                await note(["text", message] if isinstance(message, str) else ["binary", len(message)])
        except websockets.ConnectionClosed:
            pass

    async def ping(socket, payload):
        answered = await socket.ping(payload)

        async def wait():
            try:
                await answered
                await note(["pong", payload])
            except websockets.ConnectionClosed:
                pass

        return asyncio.create_task(wait())

    async def act(socket, step):
        kind = step["do"]
        if kind == "text":
            await socket.send(step["text"])
        elif kind == "binary":
            await socket.send(base64.b64decode(step["base64"]))
        elif kind == "fragments":
            # Bytes that are no text cannot be sent by the public way.
            last = len(step["parts"]) - 1
            for at, part in enumerate(step["parts"]):
                await socket.write_frame(at == last, 1 if at == 0 else 0, base64.b64decode(part))
                if "ping" in step and at < last:
                    await ping(socket, step["ping"])
        elif kind == "ping":
            await ping(socket, step["payload"])
        elif kind == "pong":
            await socket.pong(step["payload"])
        elif kind == "close":
            await socket.close(step.get("code", 1000), step.get("reason", ""))
        elif kind == "until":
            await until(step["count"])
        elif kind == "quiet":
            await asyncio.sleep(QUIET_SECONDS)
        elif kind == "vanish":
            socket.transport.abort()

    async def run():
        headers = dict(scenario["headers"])
        origin = headers.pop("origin", None)
        try:
            socket = await websockets.connect(
                scenario["url"], origin=origin, extra_headers=headers, ping_interval=None, max_size=2**24, close_timeout=3
            )
        except websockets.InvalidStatusCode as refusal:
            return events + [["refused", refusal.status_code]]
        listening = asyncio.create_task(listen(socket))
        try:
            for step in scenario["steps"]:
                await act(socket, step)
        except websockets.ConnectionClosed:
            pass
        if scenario["steps"] and scenario["steps"][-1]["do"] == "vanish":
            return events + [["vanished"]]
        await socket.wait_closed()
        await listening
        return events + [["closed", socket.close_code, socket.close_reason]]

    try:
        return await asyncio.wait_for(run(), LIMIT_SECONDS)
    except asyncio.TimeoutError:
        return events + [["late"]]
    except Exception as error:  # Told to the test, which shows it.
        return events + [["failed", repr(error)]]


async def main():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await play(json.loads(line))), flush=True)


asyncio.run(main())
