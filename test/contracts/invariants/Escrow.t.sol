// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {ObedientEvaluator} from "../support/HostileEvaluators.sol";
import {Handler} from "../support/Handler.sol";
import {Walk} from "../support/Walk.sol";

/// @dev Deals of every kind among the actors, moved on at random. The ghost ledger notes what each deal took in and paid out.
contract EscrowHandler is Handler {
    uint40 private constant DEADLINE = type(uint40).max;

    Escrow public immutable escrow;
    address private immutable evaluator;
    I.Terms[] private deals;
    mapping(bytes32 deal => uint256) public held;
    uint256 public open;

    constructor(DenyToken token_, Escrow escrow_) Handler(token_) {
        escrow = escrow_;
        evaluator = address(new ObedientEvaluator());
        approveAll(address(escrow_));
    }

    /// @dev Every kind of deal: with and without bonds, collateral, evaluator and arbiter.
    function fund(uint256 seed, uint128 amount, uint128 fee, uint16 bps) external {
        I.Terms memory t;
        (t.payer, t.payee, t.arbiter) = (actor(seed % 4), actor((seed % 4) + 1), actor((seed % 4) + 2));
        t.amount = uint128(within(amount, 1, 1e9));
        t.deliverBy = uint40(block.timestamp + 1 + (seed % 3_000));
        t.disputeWindow = uint40(1 + (seed % 1_000));
        t.rulingWindow = uint40(1 + (seed % 1_500));
        t.defaultToPayee = bps % 10_001;
        if (bps & 1 != 0) t.bond = uint128(within(fee, 1, 1e9));
        if (bps & 2 != 0) t.collateral = uint128(within(amount >> 32, 1, 1e9));
        if (bps & 4 != 0) t.evaluator = evaluator;
        t.arbiterFee = uint128(within(fee, 0, t.bond == 0 ? t.amount : t.bond));
        if (bps & 24 == 24 && t.evaluator != address(0)) t.arbiter = address(0);
        t.appFeeRecipient = actor((seed % 4) + 3);
        t.appFeeBps = bps % 1_001;
        t.details = bytes32(deals.length);
        deals.push(t);
        uint256 before = wealth();
        if (seed % 3 == 0) {
            bytes memory signed = signature(keyOf(t.payer), escrow.fundingDigest(t, DEADLINE));
            escrow.fundFor(t, DEADLINE, signed);
        } else {
            vm.prank(t.payer);
            escrow.fund(t);
        }
        book(t, before);
    }

    function accept(uint256 seed) external {
        (I.Terms memory t, bytes32 id, I.Deal memory d) = pick(seed);
        if (d.state != I.State.Offered || block.timestamp > d.endsAt) return;
        uint256 before = wealth();
        vm.prank(t.payee);
        escrow.accept(t);
        book(t, before);
        eq(held[id], uint256(t.amount) + t.collateral, "an accepted deal holds amount + collateral");
    }

    function release(uint256 seed) external {
        (I.Terms memory t, , I.Deal memory d) = pick(seed);
        if (!decidable(d)) return;
        uint256 before = wealth();
        vm.prank(t.payer);
        escrow.release(t);
        book(t, before);
    }

    function releasePart(uint256 seed, uint128 total) external {
        (I.Terms memory t, , I.Deal memory d) = pick(seed);
        if (d.state != I.State.Funded || d.left < 2) return;
        uint128 pot = t.amount + t.collateral;
        total = uint128(within(total, pot - d.left + 1, pot - 1));
        uint256 before = wealth();
        vm.prank(t.payer);
        escrow.releasePart(t, total);
        book(t, before);
    }

    function evaluate(uint256 seed, uint128 total, bool isFinal) external {
        (I.Terms memory t, , I.Deal memory d) = pick(seed);
        if (!decidable(d) || t.evaluator == address(0) || block.timestamp > endOf(t)) return;
        if (d.state != I.State.Funded || d.left < 2) isFinal = true;
        uint128 pot = t.amount + t.collateral;
        uint128 paid = pot - d.left;
        total = uint128(isFinal ? within(total, paid, pot) : within(total, paid + 1, pot - 1));
        uint256 before = wealth();
        escrow.evaluate(t, abi.encode(total, isFinal));
        book(t, before);
    }

    function refund(uint256 seed, bool byPayer) external {
        (I.Terms memory t, , I.Deal memory d) = pick(seed);
        if (d.state == I.State.None || d.state == I.State.Closed) return;
        uint256 before = wealth();
        vm.prank(byPayer && d.state == I.State.Offered ? t.payer : t.payee);
        escrow.refund(t);
        book(t, before);
    }

    function settle(uint256 seed, uint128 total) external {
        (I.Terms memory t, bytes32 id, I.Deal memory d) = pick(seed);
        if (!decidable(d)) return;
        uint128 pot = t.amount + t.collateral;
        total = uint128(within(total, pot - d.left, pot));
        bytes32 digest = escrow.actDigest(I.Act.Settlement, id, total, DEADLINE);
        bytes memory payeeSigned = signature(keyOf(t.payee), digest);
        bytes memory payerSigned = signature(keyOf(t.payer), digest);
        uint256 before = wealth();
        escrow.settle(t, total, DEADLINE, payerSigned, payeeSigned);
        book(t, before);
    }

    function dispute(uint256 seed, bool byPayer, uint256 advancer) external {
        (I.Terms memory t, bytes32 id, I.Deal memory d) = pick(seed);
        if (d.state != I.State.Funded || t.arbiter == address(0) || block.timestamp > endOf(t)) return;
        address party = byPayer ? t.payer : t.payee;
        address who = actor(advancer);
        bytes32 digest = escrow.actDigest(I.Act.Dispute, id, uint160(who), DEADLINE);
        bytes memory signed = signature(keyOf(party), digest);
        uint256 before = wealth();
        vm.prank(who);
        escrow.disputeFor(t, party, who, DEADLINE, signed);
        book(t, before);
    }

    function answer(uint256 seed, uint256 advancer) external {
        (I.Terms memory t, bytes32 id, I.Deal memory d) = pick(seed);
        if (d.state != I.State.Challenged || block.timestamp > d.endsAt) return;
        uint256 before = wealth();
        vm.prank(actor(advancer));
        escrow.answer(t);
        book(t, before);
        eq(
            held[id],
            uint256(d.left) + 2 * uint256(t.bond),
            "a disputed deal holds what is left and two bonds"
        );
    }

    function rule(uint256 seed, uint128 toPayee) external {
        (I.Terms memory t, , I.Deal memory d) = pick(seed);
        if (d.state != I.State.Disputed || block.timestamp > d.endsAt) return;
        uint256 fee =
            t.bond != 0
                ? 0
                : t.arbiterFee < d.left
                    ? t.arbiterFee
                    : d.left;
        uint256 before = wealth();
        vm.prank(t.arbiter);
        escrow.rule(t, uint128(within(toPayee, 0, d.left - fee)));
        book(t, before);
    }

    function expire(uint256 seed) external {
        (I.Terms memory t, , I.Deal memory d) = pick(seed);
        if (d.state == I.State.None || d.state == I.State.Closed || block.timestamp <= endOf(t)) return;
        uint256 before = wealth();
        escrow.expire(t);
        book(t, before);
    }

    function claim(uint256 who) external {
        if (escrow.claimable(actor(who)) == 0 || token.denied(actor(who))) return;
        escrow.claim(actor(who));
    }

    // --- for the invariants ---

    function dealCount() external view returns (uint256) {
        return deals.length;
    }

    function terms(uint256 i) external view returns (I.Terms memory) {
        return deals[i];
    }

    /// @dev The last second before anyone may end the deal.
    function endOf(I.Terms memory t) public view returns (uint256) {
        I.Deal memory d = escrow.deal(escrow.dealId(t));
        return d.state == I.State.Funded ? uint256(t.deliverBy) + t.disputeWindow : d.endsAt;
    }

    /// @dev What a deal holds by its own state: what is left, and the bonds that somebody advanced.
    function owedBy(I.Terms memory t) public view returns (uint256 sum) {
        bytes32 id = escrow.dealId(t);
        I.Deal memory d = escrow.deal(id);
        if (d.state == I.State.Closed) return 0;
        (address forPayer, address forPayee) = escrow.advancers(id);
        sum = d.left;
        if (forPayer != address(0)) sum += t.bond;
        if (forPayee != address(0)) sum += t.bond;
    }

    function pick(uint256 seed) private view returns (I.Terms memory t, bytes32 id, I.Deal memory d) {
        if (deals.length == 0) return (t, id, d);
        t = deals[seed % deals.length];
        id = escrow.dealId(t);
        d = escrow.deal(id);
    }

    function decidable(I.Deal memory d) private pure returns (bool) {
        return d.state >= I.State.Funded && d.state <= I.State.Disputed;
    }

    /// @dev What everybody has, in hand or waiting.
    function wealth() private view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) sum += token.balanceOf(actors[i]) + escrow.claimable(actors[i]);
    }

    /// @dev Notes what the last step took in or paid out. No deal may pay more than it took in, and a closed one has paid all.
    function book(I.Terms memory t, uint256 before) private {
        bytes32 id = escrow.dealId(t);
        uint256 afterwards = wealth();
        if (afterwards < before) {
            held[id] += before - afterwards;
            open += before - afterwards;
        } else {
            ok(afterwards - before <= held[id], "a deal pays at most what it took in");
            held[id] -= afterwards - before;
            open -= afterwards - before;
        }
        eq(held[id], owedBy(t), "took in - paid out = left + bonds, and nothing once closed");
    }

    function keyOf(address who) private view returns (uint256) {
        for (uint256 i = 0; i < ACTORS; ++i) if (actors[i] == who) return keys[i];
        revert NotTrue("an actor");
    }
}

contract EscrowInvariants is Walk {
    DenyToken private token;
    Escrow private escrow;
    EscrowHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        escrow = new Escrow(token);
        handler = new EscrowHandler(token, escrow);
        walkOver(handler);
    }

    function claimables() private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.count(); ++i) sum += escrow.claimable(handler.actors(i));
    }

    /// After every call.
    function invariant_holds() public view {
        eq(token.balanceOf(address(escrow)), handler.open() + claimables(), "held = open + claimable");
        if (isCounted()) tokensHeldAreOpenDealsBondsAndClaimables();
    }

    /// After every walk.
    function afterInvariant() public {
        tokensHeldAreOpenDealsBondsAndClaimables();
        everyDealHasAnEnd();
    }

    function tokensHeldAreOpenDealsBondsAndClaimables() private view {
        uint256 sum;
        for (uint256 i = 0; i < handler.dealCount(); ++i) sum += handler.owedBy(handler.terms(i));
        eq(handler.open(), sum, "open deals and bonds, by the ghost ledger and by their states");
        eq(token.balanceOf(address(escrow)), sum + claimables(), "held = what is left + bonds + claimable");
    }

    /// A stranger ends every deal that is left, each when its time has come.
    function everyDealHasAnEnd() private {
        for (uint256 i = 0; i < handler.dealCount(); ++i) {
            I.Terms memory t = handler.terms(i);
            if (escrow.deal(escrow.dealId(t)).state == I.State.Closed) continue;
            if (block.timestamp <= handler.endOf(t)) vm.warp(handler.endOf(t) + 1);
            escrow.expire(t);
        }
        eq(token.balanceOf(address(escrow)), claimables(), "only what waits for its payee is left");
    }
}
