// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../../contracts/interfaces/IEscrow.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {TestBase} from "../support/TestBase.sol";

/// @dev Deals among the actors, moved on at random. The ghost ledger notes what is open and what each close paid out.
contract EscrowHandler is Handler {
    Escrow public immutable escrow;
    I.Terms[] private deals;
    uint256 public open;
    bool public paidOtherThanHeld;

    constructor(DenyToken token_, Escrow escrow_) Handler(token_) {
        escrow = escrow_;
        approveAll(address(escrow_));
    }

    function fund(uint256 seed, uint128 amount, uint128 fee, uint16 bps) external {
        I.Terms memory t;
        (t.payer, t.payee, t.arbiter) = (actor(seed % 4), actor((seed % 4) + 1), actor((seed % 4) + 2));
        t.amount = uint128(within(amount, 1, 1e9));
        t.deliverBy = uint40(block.timestamp + 1 + (seed % 3_000));
        t.disputeWindow = uint40(seed % 1_000);
        t.rulingWindow = uint40(1 + (seed % 1_500));
        t.defaultToPayee = bps % 10_001;
        t.arbiterFee = uint128(within(fee, 0, t.amount));
        t.appFeeRecipient = actor((seed % 4) + 3);
        t.appFeeBps = bps % 1_001;
        t.salt = bytes32(deals.length);
        vm.prank(t.payer);
        escrow.fund(t);
        deals.push(t);
        open += t.amount;
    }

    function release(uint256 seed) external {
        (I.Terms memory t, bool live) = pick(seed);
        if (!live) return;
        vm.prank(t.payer);
        close(t, abi.encodeCall(I.release, (t)));
    }

    function refund(uint256 seed) external {
        (I.Terms memory t, bool live) = pick(seed);
        if (!live) return;
        vm.prank(t.payee);
        close(t, abi.encodeCall(I.refund, (t)));
    }

    function settle(uint256 seed, uint128 toPayee) external {
        (I.Terms memory t, bool live) = pick(seed);
        if (!live) return;
        toPayee = uint128(within(toPayee, 0, t.amount));
        bytes32 digest = escrow.settlementDigest(escrow.dealId(t), toPayee);
        bytes memory payeeSigned = signature(keyOf(t.payee), digest);
        bytes memory payerSigned = signature(keyOf(t.payer), digest);
        close(t, abi.encodeCall(I.settle, (t, toPayee, payerSigned, payeeSigned)));
    }

    function dispute(uint256 seed, bool byPayer) external {
        (I.Terms memory t, bool live) = pick(seed);
        if (!live || state(t) != I.State.Funded) return;
        if (block.timestamp > uint256(t.deliverBy) + t.disputeWindow) return;
        vm.prank(byPayer ? t.payer : t.payee);
        escrow.dispute(t);
    }

    function rule(uint256 seed, uint128 toPayee) external {
        (I.Terms memory t, bool live) = pick(seed);
        if (!live || state(t) != I.State.Disputed) return;
        if (block.timestamp > escrow.deal(escrow.dealId(t)).rulingEndsAt) return;
        vm.prank(t.arbiter);
        close(t, abi.encodeCall(I.rule, (t, uint128(within(toPayee, 0, t.amount - t.arbiterFee)))));
    }

    function expire(uint256 seed) external {
        (I.Terms memory t, bool live) = pick(seed);
        if (!live || block.timestamp <= endOf(t)) return;
        close(t, abi.encodeCall(I.expire, (t)));
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

    function state(I.Terms memory t) public view returns (I.State) {
        return escrow.deal(escrow.dealId(t)).state;
    }

    /// @dev The last second before anyone may end the deal.
    function endOf(I.Terms memory t) public view returns (uint256) {
        I.Deal memory d = escrow.deal(escrow.dealId(t));
        return d.state == I.State.Disputed ? d.rulingEndsAt : uint256(t.deliverBy) + t.disputeWindow;
    }

    function pick(uint256 seed) private view returns (I.Terms memory t, bool live) {
        if (deals.length == 0) return (t, false);
        t = deals[seed % deals.length];
        live = state(t) != I.State.Closed;
    }

    /// @dev What everybody has, in hand or waiting.
    function wealth() private view returns (uint256 sum) {
        for (uint256 i = 0; i < ACTORS; ++i) sum += token.balanceOf(actors[i]) + escrow.claimable(actors[i]);
    }

    /// @dev Makes the call as whoever is pranked, or as this contract, and checks that exactly the deal's amount is paid.
    function close(I.Terms memory t, bytes memory data) private {
        (bool done, ) = address(escrow).call(data);
        ok(done, "a legal close works");
        open -= t.amount;
        if (wealth() + open != ACTORS * WEALTH) paidOtherThanHeld = true;
    }

    function keyOf(address who) private view returns (uint256) {
        for (uint256 i = 0; i < ACTORS; ++i) if (actors[i] == who) return keys[i];
        revert NotTrue("an actor");
    }
}

contract EscrowInvariants is TestBase {
    DenyToken private token;
    Escrow private escrow;
    EscrowHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        escrow = new Escrow(token);
        handler = new EscrowHandler(token, escrow);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function claimables() private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.count(); ++i) sum += escrow.claimable(handler.actors(i));
    }

    function invariant_tokensHeldAreOpenDealsAndClaimables() public view {
        uint256 sum;
        for (uint256 i = 0; i < handler.dealCount(); ++i) {
            I.Terms memory t = handler.terms(i);
            if (handler.state(t) != I.State.Closed) sum += t.amount;
        }
        eq(handler.open(), sum, "open deals, by the ghost ledger and by their states");
        eq(token.balanceOf(address(escrow)), sum + claimables(), "held = open deals + claimable");
        ok(!handler.paidOtherThanHeld(), "every deal paid exactly what it held");
    }

    /// A stranger ends every deal that is left, each when its time has come.
    function invariant_everyDealHasAnEnd() public {
        for (uint256 i = 0; i < handler.dealCount(); ++i) {
            I.Terms memory t = handler.terms(i);
            if (handler.state(t) == I.State.Closed) continue;
            if (block.timestamp <= handler.endOf(t)) vm.warp(handler.endOf(t) + 1);
            escrow.expire(t);
        }
        eq(token.balanceOf(address(escrow)), claimables(), "only what waits for its payee is left");
    }
}
