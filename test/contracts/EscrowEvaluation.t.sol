// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {FailingEvaluator, ObedientEvaluator} from "./support/HostileEvaluators.sol";
import {DealFixture} from "./support/DealFixture.sol";

contract EscrowEvaluationTest is DealFixture {
    int256 private constant T = int256(uint256(TEA));

    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        use(evaluatedTerms(address(new ObedientEvaluator())));
    }

    function use(I.Terms memory terms_) private {
        t = terms_;
        id = escrow.dealId(t);
    }

    function says(uint128 payeeAmount, bool isFinal) private pure returns (bytes memory) {
        return abi.encode(payeeAmount, isFinal);
    }

    function test_final_splitsAndCloses() public {
        fundDeal(t);
        vm.expectEmit();
        emit I.DealClosed(id, I.Outcome.Evaluated, 40 * TEA, 59_400_000, 0, 600_000);
        vm.prank(mallory); // anyone may ask
        escrow.evaluate(t, says(60 * TEA, true));
        moved(-60 * T, 59_400_000, 0, 600_000);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        escrow.evaluate(t, says(60 * TEA, true));
    }

    function testFuzz_final_addsUpAfterParts(uint128 first, uint128 total, uint16 bps) public {
        t.appFeeBps = uint16(within(bps, 0, 1_000));
        id = escrow.dealId(t);
        first = uint128(within(first, 1, 100 * TEA - 1));
        total = uint128(within(total, first, 100 * TEA));
        fundDeal(t);
        escrow.evaluate(t, says(first, false));
        eq(escrow.deal(id).left, 100 * TEA - first, "left");
        escrow.evaluate(t, says(total, true));
        int256 toApp = int256((uint256(total) * t.appFeeBps) / 10_000);
        moved(-int256(uint256(total)), int256(uint256(total)) - toApp, 0, toApp);
    }

    function test_part_paysOnlyWhatIsNew() public {
        t.appFeeBps = 0;
        id = fundDeal(t);
        vm.expectEmit();
        emit I.PartPaid(id, 30 * TEA, 0, 70 * TEA);
        escrow.evaluate(t, says(30 * TEA, false));
        uint128[2] memory nothingNew = [30 * TEA, 10 * TEA];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(I.BadSplit.selector, id, nothingNew[i], 30 * TEA + 1, 100 * TEA - 1)
            );
            escrow.evaluate(t, says(nothingNew[i], false));
        }
        escrow.evaluate(t, says(50 * TEA, false));
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        escrow.expire(t); // nothing more came: the default, nothing for the payee
        moved(-50 * T, 50 * T, 0, 0);
    }

    function test_collateral_isPartOfThePot_andCostsNoAppFee() public {
        t.collateral = COLLATERAL;
        use(t);
        fundAndAccept(t);
        escrow.evaluate(t, says(140 * TEA, true));
        moved(-100 * T, 99 * T, 0, 1 * T);
    }

    function test_collateral_canGoToThePayer() public {
        t.collateral = COLLATERAL;
        use(t);
        fundAndAccept(t);
        escrow.evaluate(t, says(0, true));
        moved(40 * T, -40 * T, 0, 0);
    }

    function test_dispute_doesNotStopAFinalAnswer_andOnlyThat() public {
        use(bondedTerms());
        t.evaluator = address(new ObedientEvaluator());
        use(t);
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, stateOf(id)));
            escrow.evaluate(t, says(10 * TEA, false));
            if (i == 1) break;
            vm.prank(bob);
            escrow.answer(t);
        }
        escrow.evaluate(t, says(100 * TEA, true));
        moved(-100 * T, 100 * T, 0, 0); // bonds whole, the arbiter nothing, no app fee
    }

    function test_isAskedWhileOthersMayAct() public {
        fundDeal(t);
        uint256 end = uint256(t.deliverBy) + t.disputeWindow;
        vm.warp(end + 1);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, end));
        escrow.evaluate(t, says(1, true));
        vm.warp(end);
        vm.prank(alice);
        escrow.dispute(t);
        end += t.rulingWindow;
        vm.warp(end + 1);
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, end));
        escrow.evaluate(t, says(1, true));
        vm.warp(end);
        escrow.evaluate(t, says(1, true));
    }

    function test_refusesWithoutAnEvaluatorOrADeal() public {
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.None));
        escrow.evaluate(t, says(1, true));
        use(terms());
        fundDeal(t);
        vm.expectRevert(abi.encodeWithSelector(I.NoEvaluator.selector, id));
        escrow.evaluate(t, says(1, true));
    }

    function test_failure_changesNothing_andLeadsToTheDefault() public {
        FailingEvaluator failing = new FailingEvaluator();
        t.evaluator = address(failing);
        t.defaultToPayee = 2_500;
        use(t);
        fundDeal(t);
        for (uint256 manner = 0; manner < 10; ++manner) {
            uint256 gas = gasleft();
            vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, failing));
            escrow.evaluate{gas: 700_000}(t, abi.encode(manner));
            ok(gas - gasleft() < 1_000_000, "costs no more than its cap");
            inState(id, I.State.Funded);
            eq(escrow.deal(id).left, 100 * TEA, "all is there");
        }
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        vm.expectEmit();
        emit I.DealClosed(id, I.Outcome.Defaulted, 75 * TEA, 25 * TEA, 0, 0);
        escrow.expire(t);
        moved(-25 * T, 25 * T, 0, 0);
    }

    function test_failure_ofAnAddressWithoutCode() public {
        t.evaluator = mallory;
        use(t);
        fundDeal(t);
        vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, mallory));
        escrow.evaluate(t, "");
    }

    function testFuzz_failure_answersOutsideThePot(uint128 amount, uint128 paid) public {
        paid = uint128(within(paid, 1, 100 * TEA - 1));
        fundDeal(t);
        escrow.evaluate(t, says(paid, false));
        amount =
            amount % 2 == 0
                ? uint128(within(amount, 100 * TEA + 1, type(uint128).max))
                : uint128(within(amount, 0, paid - 1));
        vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, t.evaluator));
        escrow.evaluate(t, says(amount, true));
    }

    function test_tooLittleGas_isRefusedBeforeAsking() public {
        fundDeal(t);
        vm.expectRevert(I.TooLittleGas.selector);
        escrow.evaluate{gas: 500_000}(t, says(1, true));
    }

    function test_noArbiter_noDispute() public {
        t.arbiter = address(0);
        t.arbiterFee = 0;
        t.rulingWindow = 0;
        use(t);
        fundDeal(t);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NoArbiter.selector, id));
        escrow.dispute(t);
        vm.prank(address(0));
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Funded));
        escrow.rule(t, 100 * TEA);
        escrow.evaluate(t, says(20 * TEA, true));
    }

    /// @dev The evaluator answers with the gas that it has: GAS PUSH0 MSTORE PUSH1 0x40 PUSH0 RETURN.
    function test_evaluator_hasItsWholeGas_orIsNotAsked() public {
        vm.etch(t.evaluator, hex"5a5f5260405ff3");
        t.appFeeBps = 0;
        uint256 asked;
        uint256 refused;
        for (uint256 gas_ = 480_000; gas_ <= 660_000; gas_ += 4_000) {
            t.details = bytes32(gas_);
            use(t);
            fundDeal(t);
            try escrow.evaluate{gas: gas_}(t, "") {
                eq(100 * TEA - escrow.deal(id).left, 500_000 - 2, "gas, but for what GAS costs");
                ++asked;
            } catch (bytes memory reason) {
                eq(bytes32(reason), bytes32(I.TooLittleGas.selector), "refused");
                ++refused;
            }
        }
        ok(asked > 0 && refused > 0, "both happened");
    }

    function test_evaluator_refusesWhatIsNoAnswer() public {
        fundDeal(t);
        bytes[4] memory codes = [
            bytes(hex"600a5f5260405ffd"), // a revert with the bytes of an answer
            hex"600a5f52603f5ff3", // a byte too little
            hex"600a5f5260205ff3", // a word too little
            hex"00" // nothing
        ];
        for (uint256 i = 0; i < codes.length; ++i) {
            vm.etch(t.evaluator, codes[i]);
            vm.expectRevert(abi.encodeWithSelector(I.EvaluatorFailed.selector, id, t.evaluator));
            escrow.evaluate(t, "");
        }
    }

    function test_evaluator_mayAnswerAtLength() public {
        t.appFeeBps = 0;
        use(t);
        fundDeal(t);
        vm.etch(t.evaluator, hex"600a5f525f1960405260605ff3"); // three words: 10, 0, and all ones
        escrow.evaluate(t, "");
        eq(100 * TEA - escrow.deal(id).left, 10, "the first two count");
    }
}
