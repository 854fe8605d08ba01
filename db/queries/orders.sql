-- Regular customers: what they order, where it is made, how new ones are enrolled. Keys of all JSON stand
-- in docs/architecture.md; `change_minutes` is CORDBOARD_ORDER_CHANGE_MINUTES.

-- name: order_callers
-- {number, shop, callers}; `number` null: the call's. Error: UnknownCall.
SELECT order_callers_v1(%(call)s, %(number)s) AS callers

-- name: order_facts
-- Null: there is no such customer.
SELECT order_facts_v1(%(customer)s, %(change_minutes)s) AS facts

-- name: shop_facts
-- {shop, catalogue, locations} for somebody who is no client yet. Null: no such subscriber.
SELECT shop_facts_v1(%(subscriber)s) AS facts

-- name: choose_client
-- order_facts of the client who calls. Errors: UnknownCall, UnknownCustomer.
SELECT choose_client_v1(%(call)s, %(customer)s, %(keyed)s, %(change_minutes)s) AS facts

-- name: unchoose_client
-- The call is nobody's again. Error: UnknownCall.
SELECT unchoose_client_v1(%(call)s)

-- name: save_draft
-- {order, number, version, total_cents}. Errors: UnknownCustomer, DraftHeld, UnknownOrder, OrderOver,
-- BadOrder.
SELECT save_draft_v1(%(draft)s::jsonb) AS saved

-- name: hold_draft
-- The draft; null: it is none any more, or somebody else than `from_holder` holds it. 0 seconds: gives it
-- back.
SELECT hold_draft_v1(%(order)s, %(holder)s, %(seconds)s, %(from_holder)s) AS draft

-- name: drop_draft
-- False: it is no draft, or somebody else holds it.
SELECT drop_draft_v1(%(order)s, %(holder)s) AS dropped

-- name: abandon_old_drafts
SELECT abandon_old_drafts_v1(%(limit)s, %(hours)s) AS abandoned

-- name: place_order
-- The order (order_json), once. Errors: as save_draft, PriceChanged (its detail is the total in cents),
-- LocationCannotServe, OrderPaid.
SELECT place_order_v1(%(draft)s::jsonb, %(change_minutes)s) AS "order"

-- name: order_json
-- Null: there is no such order.
SELECT order_json_v1(%(order)s, %(change_minutes)s) AS "order"

-- name: client_orders
SELECT client_orders_v1(%(customer)s, %(limit)s, %(change_minutes)s) AS "order"

-- name: cancel_order
-- By the client. Errors: UnknownOrder, OrderOver.
SELECT cancel_order_v1(%(order)s, %(customer)s, %(change_minutes)s) AS "order"

-- name: advance_order
-- To accepted, ready, handed_over or cancelled. Errors: UnknownOrder, OrderChanged, IllegalTransition.
SELECT advance_order_v1(%(order)s, %(state)s::order_state, %(by)s, %(version)s) AS "order"

-- name: move_order
-- `told`: the client knows. Errors: UnknownOrder, OrderChanged, OrderOver, BadOrder, LocationCannotServe.
SELECT move_order_v1(%(order)s, %(location)s, %(why)s, %(by)s, %(version)s, %(told)s::boolean) AS "order"

-- name: decline_order
-- Errors: UnknownOrder, OrderChanged, OrderOver.
SELECT decline_order_v1(%(order)s, %(why)s, %(by)s, %(version)s) AS "order"

-- name: due_orders
-- Not accepted in time; what they are is with due_orders_v1.
SELECT due_orders_v1(%(limit)s) AS "order"

-- name: next_due_order
SELECT next_due_order_v1() AS at

-- name: pass_over_order
-- `location`: code, or null for an agent. False: it was accepted, cancelled or moved meanwhile.
-- Errors: UnknownOrder, BadOrder, LocationCannotServe.
SELECT pass_over_order_v1(%(order)s, %(location)s, %(version)s) AS passed

-- name: put_off_order
-- False: it was accepted, cancelled or moved meanwhile.
SELECT put_off_order_v1(%(order)s, %(until)s, %(version)s) AS put_off

-- name: board_orders
SELECT board_orders_v1(%(location)s) AS "order"

-- name: rescue_orders
SELECT rescue_orders_v1(%(subscriber)s, %(limit)s) AS "order"

-- name: tell_client
-- The order. Errors: OrderChanged (it is made elsewhere by now), UnknownOrder, BadOrder (no such location).
SELECT tell_client_v1(%(order)s, %(location)s, %(by)s) AS "order"

-- name: location_of_user
-- Whose board a user of role location sees; no row for anybody else.
SELECT l.id, l.code, l.name, l.subscriber_id, l.timezone
FROM location_staff s JOIN location l ON l.id = s.location_id WHERE s.user_id = %(user)s

-- name: set_preference
-- Error: UnknownCustomer.
SELECT set_preference_v1(%(customer)s, %(no_automation)s, %(origin)s::preference_origin) AS preference

-- name: count_zero
-- Whether automation is off now.
SELECT count_zero_v1(%(customer)s, %(at_once)s) AS off

-- name: prefer_place
-- Errors: UnknownCustomer, BadOrder.
SELECT prefer_place_v1(%(customer)s, %(location)s, %(method)s::delivery_method) AS preference

-- name: assign_speed_dial
-- A null basket takes the digits back; answers the client's speed dials. Errors: UnknownCustomer, BadOrder.
SELECT assign_speed_dial_v1(%(customer)s, %(digits)s, %(name)s, %(basket)s::jsonb) AS speed_dials

-- name: enrol_client
-- {enrolment, customer, code, state}, once by its id. Error: BadOrder.
SELECT enrol_client_v1(%(enrolment)s::jsonb, %(name_wav)s::bytea, %(address_wav)s::bytea) AS enrolled

-- name: keep_audio
SELECT keep_audio_v1(%(customer)s, %(what)s, %(wav)s::bytea, %(call)s)

-- name: client_audio
-- WAV, 8 kHz; no row: nothing was recorded.
SELECT wav FROM client_audio WHERE customer_id = %(customer)s AND what = %(what)s

-- name: claim_enrolment
-- Null: there is none to be typed.
SELECT claim_enrolment_v1(%(agent)s) AS enrolment

-- name: count_enrolments
SELECT count_enrolments_v1(%(agent)s) AS waiting

-- name: type_enrolment
-- Errors: EnrolmentTaken, BadOrder.
SELECT type_enrolment_v1(%(enrolment)s, %(agent)s, %(typed)s::jsonb) AS enrolment

-- name: discard_enrolment
-- Error: EnrolmentTaken.
SELECT discard_enrolment_v1(%(enrolment)s, %(agent)s, %(why)s) AS enrolment

-- name: make_web_code
-- Error: UnknownCustomer.
SELECT make_web_code_v1(%(customer)s, %(number)s, %(hash)s::bytea)

-- name: use_web_code
-- {status, customer}.
SELECT use_web_code_v1(%(visitor)s, %(number)s, %(hash)s::bytea) AS used

-- name: web_client
-- The client of this subscriber whose browser it is; no row: nobody's yet. Who only typed a number sees
-- nothing of what was begun by telephone: whoever has that number may have been taken for this client.
SELECT w.customer_id AS customer, w.proved, k.email, number_of_v1(k.id) AS number
FROM web_client w
JOIN customer k ON k.id = w.customer_id
JOIN subscriber s ON s.id = k.subscriber_id
WHERE w.visitor_id = %(visitor)s AND s.code = %(sid)s
  AND (w.proved OR NOT EXISTS (
    SELECT FROM sales_order o WHERE o.customer_id = k.id AND o.source <> 'web'))

-- name: enrol_web_client
-- As enrol_client, and `linked`: the browser is the new client's, not proved; false: it is another's.
SELECT enrol_web_client_v1(%(visitor)s, %(enrolment)s::jsonb) AS enrolled

-- name: forget_visitor
DELETE FROM visitor_session WHERE id = %(visitor)s

-- name: unlink_web_client
DELETE FROM web_client WHERE visitor_id = %(visitor)s

-- name: held_draft
-- Who else works on a draft of this client that something is in; no row: nobody.
SELECT o.held_by FROM sales_order o
WHERE o.customer_id = %(customer)s AND o.state = 'draft' AND is_held_v1(o, %(holder)s)
  AND EXISTS (SELECT FROM order_line n WHERE n.order_id = o.id)
ORDER BY o.updated_at DESC LIMIT 1

-- name: open_payment
-- {id, amount_cents, state}; null: nothing is to be paid.
SELECT open_payment_v1(%(order)s, %(provider)s) AS payment

-- name: settle_payment
-- {order, state}. Errors: UnknownOrder, BadOrder.
SELECT settle_payment_v1(%(payment)s, %(provider)s, %(state)s, %(amount_cents)s, %(reference)s) AS settled

-- name: claim_owed
-- The order, whose payment this agent pays back now. Errors: UnknownOrder, OrderOver (nothing is owed),
-- PaybackTaken.
SELECT claim_owed_v1(%(order)s, %(agent)s) AS "order"

-- name: release_owed
-- Somebody else may pay it back.
UPDATE payment_link SET claimed_by = NULL, claimed_until = NULL
WHERE order_id = %(order)s AND claimed_by = %(agent)s

-- name: pay_back
-- The order, once. Errors: UnknownOrder, OrderOver (nothing is owed), PaybackTaken.
SELECT pay_back_v1(%(order)s, %(user)s) AS "order"

-- name: suggestion_share
SELECT orders, first_taken, any_taken, none_taken FROM suggestion_share_v1(%(subscriber)s, %(days)s)

-- name: order_shop
-- The shop of the order pages; no row: there is none, or it sells nothing.
SELECT s.id AS subscriber, s.code AS sid, s.name AS company, s.timezone, s.country,
       coalesce(p.accent, '#1f6feb') AS accent,
       (SELECT d.number FROM did d WHERE d.subscriber_id = s.id ORDER BY d.menu = 'ivr-order' DESC, d.number LIMIT 1)
           AS contact
FROM subscriber s LEFT JOIN web_presence p ON p.subscriber_id = s.id
WHERE s.code = %(sid)s AND EXISTS (SELECT FROM product x WHERE x.subscriber_id = s.id)
