// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {Fixture} from "./support/Fixture.sol";
import {TypedData} from "./support/TypedData.sol";

/// What an indexer reads, the last second of each period, the largest value of each term, and the exact bytes that are signed.
contract EscrowEdgesTest is Fixture, TypedData {
    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        t = terms();
        id = escrow.dealId(t);
    }

    function test_fund_tellsTheWholeTerms() public {
        // More arguments than the stack takes at once.
        bytes memory data = bytes.concat(
            abi.encode(carol, address(0), t.amount, 0, t.arbiterFee, 0, t.deliverBy),
            abi.encode(t.disputeWindow, t.rulingWindow, t.defaultToPayee, mallory, t.appFeeBps, t.details)
        );
        (bytes32 topic, bytes32 deal, address payer, address payee) = (I.DealFunded.selector, id, alice, bob);
        vm.expectEmit();
        assembly ("memory-safe") {
            log4(add(data, 0x20), mload(data), topic, deal, payer, payee)
        }
        fundDeal(t);
    }

    function test_dispute_tellsByWhomAndUntilWhenTheArbiterMayRule() public {
        fundDeal(t);
        vm.warp(uint256(t.deliverBy) + t.disputeWindow);
        uint40 end = uint40(block.timestamp) + t.rulingWindow;
        vm.expectEmit();
        emit I.DealDisputed(id, bob, address(0), end);
        vm.prank(bob);
        escrow.dispute(t);
        eq(escrow.deal(id).endsAt, end, "ruling ends");
        eq(uint8(escrow.deal(id).state), uint8(I.State.Disputed), "disputed");
    }

    function test_everyWayOutTellsItsOutcomeAndShares() public {
        uint128 app = t.amount / 100;
        fundDeal(t);
        closes(I.Outcome.Released, 0, t.amount - app, 0, app, alice, abi.encodeCall(I.release, (t)));
        again();
        closes(I.Outcome.Refunded, t.amount, 0, 0, 0, bob, abi.encodeCall(I.refund, (t)));
        again();
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        closes(I.Outcome.Accepted, 0, t.amount - app, 0, app, mallory, abi.encodeCall(I.expire, (t)));
        again();
        argue();
        closes(I.Outcome.Released, 0, t.amount, 0, 0, alice, abi.encodeCall(I.release, (t)));
        again();
        argue();
        uint128 left = t.amount - t.arbiterFee;
        closes(I.Outcome.Ruled, left - 7, 7, t.arbiterFee, 0, carol, abi.encodeCall(I.rule, (t, 7)));
        again();
        argue();
        closes(I.Outcome.Ruled, 0, left, t.arbiterFee, 0, carol, abi.encodeCall(I.rule, (t, left)));
        t.defaultToPayee = 2_500;
        again();
        argue();
        skip(uint256(t.rulingWindow) + 1);
        uint128 quarter = t.amount / 4;
        closes(
            I.Outcome.Defaulted,
            t.amount - quarter,
            quarter,
            0,
            0,
            mallory,
            abi.encodeCall(I.expire, (t))
        );
    }

    function test_settle_mayGiveThePayeeEverything() public {
        fundDeal(t);
        uint40 deadline = uint40(block.timestamp);
        bytes32 digest = escrow.actDigest(I.Act.Settlement, id, t.amount, deadline);
        bytes memory call_ = abi.encodeCall(
            I.settle,
            (t, t.amount, deadline, signature(aliceKey, digest), signature(bobKey, digest))
        );
        closes(I.Outcome.Settled, 0, t.amount, 0, 0, mallory, call_);
    }

    function test_settle_refusesADealThatIsClosedOrWasNeverFunded() public {
        uint40 deadline = uint40(block.timestamp);
        bytes32 digest = escrow.actDigest(I.Act.Settlement, id, 1, deadline);
        bytes memory payer = signature(aliceKey, digest);
        bytes memory payee = signature(bobKey, digest);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.None));
        escrow.settle(t, 1, deadline, payer, payee);
        fundDeal(t);
        escrow.settle(t, 1, deadline, payer, payee);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.settle(t, 1, deadline, payer, payee);
    }

    function test_fund_takesTermsAtTheirBounds() public {
        t.appFeeBps = 1_000;
        t.defaultToPayee = 10_000;
        t.arbiterFee = t.amount;
        t.rulingWindow = 1;
        t.disputeWindow = 0;
        t.deliverBy = uint40(block.timestamp) + 1;
        fundDeal(t);
        t.amount = 1;
        t.arbiterFee = 0;
        t.appFeeBps = 0;
        t.appFeeRecipient = address(0);
        t.defaultToPayee = 0;
        t.disputeWindow = (type(uint40).max - t.deliverBy - 7) / 2;
        t.rulingWindow = type(uint40).max - t.deliverBy - 2 * t.disputeWindow;
        fundDeal(t);
    }

    function test_fund_refusesEachTermThatIsOneTooMuch() public {
        for (uint256 i = 0; i < 10; ++i) {
            I.Terms memory bad = terms();
            if (i == 0) bad.appFeeBps = 1_001;
            if (i == 1) bad.defaultToPayee = 10_001;
            if (i == 2) bad.arbiterFee = bad.amount + 1;
            if (i == 3) bad.deliverBy = uint40(block.timestamp);
            if (i == 4) bad.rulingWindow = type(uint40).max - bad.deliverBy - 2 * bad.disputeWindow + 1;
            if (i == 5) bad.appFeeRecipient = address(0);
            if (i == 6) bad.rulingWindow = 0;
            if (i == 7) bad.payee = address(0);
            if (i == 8) bad.arbiter = address(0);
            if (i == 9) (bad.amount, bad.arbiterFee) = (0, 0);
            vm.prank(alice);
            vm.expectRevert(I.BadTerms.selector);
            escrow.fund(bad);
        }
    }

    /// One field alone, in the first bit that it does not have.
    function test_fund_refusesTheLowestBitTooMuchOfEachField() public {
        uint256[14] memory widths;
        for (uint256 i = 0; i < 14; ++i)
            widths[i] =
                i < 4 || i == 12
                    ? 160
                    : i < 8
                        ? 128
                        : i < 11
                            ? 40
                            : 16;
        for (uint256 i = 0; i < 14; ++i) {
            bytes memory data = abi.encodeCall(I.fund, (t));
            (uint256 offset, uint256 bit) = (36 + 32 * i, widths[i]);
            assembly ("memory-safe") {
                let place := add(data, offset)
                mstore(place, or(mload(place), shl(bit, 1)))
            }
            vm.prank(alice);
            (bool works, ) = address(escrow).call(data);
            ok(!works, "refused");
        }
    }

    /// Sums are taken of whole words: what wraps around to a small number is still too large.
    function test_fund_refusesSumsThatWrapAround() public {
        (uint256 amount, uint256 collateral) = (4, 5);
        uint256[15] memory words = wordsOf(t);
        (words[amount], words[collateral]) = (type(uint256).max, 1);
        refusesWords(words);
        (words[amount], words[collateral]) = (1, type(uint256).max);
        words[6] = 0;
        refusesWords(words);
    }

    /// The dispute window counts twice.
    function test_fund_refusesTimesThatWrapAround() public {
        uint256[15] memory words = wordsOf(t);
        words[9] |= 1 << 255;
        refusesWords(words);
    }

    function wordsOf(I.Terms memory terms_) private pure returns (uint256[15] memory) {
        return abi.decode(abi.encode(terms_), (uint256[15]));
    }

    function refusesWords(uint256[15] memory words) private {
        vm.prank(alice);
        (bool works, bytes memory answer) = address(escrow).call(
            abi.encodePacked(I.fund.selector, abi.encode(words))
        );
        ok(!works, "refused");
        eq(keccak256(answer), keccak256(abi.encodeWithSelector(I.BadTerms.selector)), "as bad terms");
    }

    function test_fund_refusesTimesThatOnlyTogetherAreTooLong() public {
        t.deliverBy = (1 << 39) + 10;
        t.disputeWindow = 0;
        t.rulingWindow = 1 << 39;
        vm.prank(alice);
        vm.expectRevert(I.BadTerms.selector);
        escrow.fund(t);
    }

    function test_dealIdAndActDigest_areThoseOfEip712() public view {
        bytes32 domain = domainOf("Teahouse Escrow", address(escrow));
        bytes32 typehash = keccak256(
            "Terms(address payer,address payee,address arbiter,address evaluator,uint128 amount,uint128 collateral,uint128 arbiterFee,uint128 bond,uint40 deliverBy,uint40 disputeWindow,uint40 rulingWindow,uint16 defaultToPayee,address appFeeRecipient,uint16 appFeeBps,bytes32 details)"
        );
        bytes32 structHash = keccak256(abi.encode(typehash, t));
        eq(id, keccak256(abi.encodePacked(hex"1901", domain, structHash)), "deal id");
        typehash = keccak256("Settlement(bytes32 deal,uint128 payeeAmount,uint40 deadline)");
        structHash = keccak256(abi.encode(typehash, id, 7, 9));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, structHash));
        eq(escrow.actDigest(I.Act.Settlement, id, 7, 9), digest, "settlement");
    }

    /// @dev The next deal with the same terms but the details.
    function again() private {
        t.details = keccak256(abi.encode(t.details));
        t.deliverBy = uint40(block.timestamp) + 1_000;
        id = fundDeal(t);
    }

    function argue() private {
        vm.prank(alice);
        escrow.dispute(t);
    }

    function closes(
        I.Outcome outcome,
        uint128 toPayer,
        uint128 toPayee,
        uint128 toArbiter,
        uint128 toApp,
        address caller,
        bytes memory call_
    ) private {
        uint256[4] memory before = balances();
        vm.expectEmit();
        emit I.DealClosed(id, outcome, toPayer, toPayee, toArbiter, toApp);
        vm.prank(caller);
        (bool works, ) = address(escrow).call(call_);
        ok(works, "closes");
        uint256[4] memory after_ = balances();
        eq(after_[0] - before[0], toPayer, "to the payer");
        eq(after_[1] - before[1], toPayee, "to the payee");
        eq(after_[2] - before[2], toArbiter, "to the arbiter");
        eq(after_[3] - before[3], toApp, "to the app");
        eq(uint8(escrow.deal(id).state), uint8(I.State.Closed), "closed");
    }

    function balances() private view returns (uint256[4] memory) {
        return
            [token.balanceOf(alice), token.balanceOf(bob), token.balanceOf(carol), token.balanceOf(mallory)];
    }
}
