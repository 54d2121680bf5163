-- Run once by the administrator of the server, in place of `…` passwords of your own.
CREATE ROLE placet_owner LOGIN PASSWORD '…';
CREATE ROLE placet_act LOGIN PASSWORD '…';
CREATE ROLE placet_read LOGIN PASSWORD '…';
CREATE ROLE placet_sequencer LOGIN PASSWORD '…';
CREATE ROLE placet_worker LOGIN PASSWORD '…';
CREATE DATABASE placet OWNER placet_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE placet FROM PUBLIC;
GRANT CONNECT ON DATABASE placet TO placet_act, placet_read, placet_sequencer, placet_worker;
