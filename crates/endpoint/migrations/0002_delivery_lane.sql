-- The first delivery of an app and a chat that waits: each delivery asks for it, so that none overtakes another that was stored before it.
CREATE INDEX delivery_lane ON delivery (business, app, chat, seq);
