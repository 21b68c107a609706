// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Erc792Adapter} from "../../contracts/escrow/arbitration/Erc792Adapter.sol";
import {IArbitrable, IArbitrator} from "../../contracts/interfaces/IErc792.sol";
import {IErc792Adapter as A} from "../../contracts/interfaces/IErc792Adapter.sol";
import {IEscrow as I} from "../../contracts/interfaces/IEscrow.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {CentralizedArbitrator, LawlessArbitrator} from "./support/CentralizedArbitrator.sol";
import {DealFixture} from "./support/DealFixture.sol";
import {DenyToken} from "./support/HostileTokens.sol";

contract Erc792AdapterTest is DealFixture {
    int256 private constant T = int256(uint256(TEA));

    CentralizedArbitrator private court;
    Erc792Adapter private adapter;
    uint256 private price;

    function setUp() public override {
        super.setUp();
        open(escrow);
    }

    /// @dev carol is the judge.
    function open(I escrow_) private {
        vm.prank(carol);
        court = new CentralizedArbitrator();
        adapter = new Erc792Adapter(escrow_, court, "court 3");
        price = adapter.cost();
        vm.deal(mallory, 10 ether);
    }

    function disputed(I.Terms memory t) private returns (bytes32) {
        return fundAndDispute(t);
    }

    function adapted() private view returns (I.Terms memory t) {
        t = terms();
        t.arbiter = address(adapter);
    }

    function requested(I.Terms memory t) private returns (uint256) {
        vm.prank(mallory);
        return adapter.requestArbitration{value: price}(t);
    }

    function ruled(uint256 disputeId, uint256 ruling) private {
        vm.prank(carol);
        court.giveRuling(disputeId, ruling);
    }

    // --- requestArbitration ---

    function test_request_opensADispute() public {
        I.Terms memory t = adapted();
        bytes32 id = disputed(t);
        vm.expectEmit();
        emit A.ArbitrationRequested(id, 0, mallory);
        requested(t);
        (IArbitrable arbitrated, uint256 choices, uint256 fee, ) = court.cases(0);
        eq(address(arbitrated), address(adapter), "the adapter is arbitrated");
        eq(choices, 2, "choices");
        eq(fee, price, "cost");
        eq(keccak256(court.lastExtraData()), keccak256("court 3"), "extra data");
        eq(adapter.disputes(0).deal, id, "deal");
        eq(adapter.disputes(0).requester, mallory, "who pays");
        ok(!adapter.disputes(0).isRuled, "not ruled");
        eq(adapter.disputes(0).ruling, 0, "no ruling");
    }

    /// The first dispute has the id 0, which is also what stands where nothing does.
    function test_theSecondDispute_isToldByItsId() public {
        I.Terms memory t = adapted();
        disputed(t);
        requested(t);
        t.details = "second";
        bytes32 id = disputed(t);
        vm.expectEmit();
        emit A.ArbitrationRequested(id, 1, mallory);
        requested(t);
        vm.expectEmit();
        emit IArbitrable.Ruling(court, 1, 2);
        ruled(1, 2);
        eq(adapter.disputes(1).ruling, 2, "ruling");
    }

    function test_request_refuses() public {
        I.Terms memory t = adapted();
        bytes32 id = fundDeal(t);
        vm.deal(address(this), 10 ether);
        vm.expectRevert(abi.encodeWithSelector(A.NotDisputed.selector, id, I.State.Funded));
        adapter.requestArbitration{value: price}(t);
        vm.prank(bob);
        escrow.dispute(t);
        vm.expectRevert(abi.encodeWithSelector(A.WrongCost.selector, price - 1, price));
        adapter.requestArbitration{value: price - 1}(t);
        vm.expectRevert(abi.encodeWithSelector(A.WrongCost.selector, price + 1, price));
        adapter.requestArbitration{value: price + 1}(t);
        requested(t);
        vm.expectRevert(abi.encodeWithSelector(A.AlreadyRequested.selector, id));
        adapter.requestArbitration{value: price}(t);
        t.arbiter = carol;
        vm.expectRevert(abi.encodeWithSelector(A.NotTheArbiter.selector, escrow.dealId(t), carol));
        adapter.requestArbitration{value: price}(t);
    }

    function test_request_waitsForTheAnswer() public {
        I.Terms memory t = adapted();
        t.bond = BOND;
        bytes32 id = fundDeal(t);
        vm.prank(bob);
        escrow.dispute(t);
        vm.deal(address(this), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(A.NotDisputed.selector, id, I.State.Challenged));
        adapter.requestArbitration{value: price}(t);
    }

    // --- rule, execute, withdraw ---

    function test_rulings_goToTheWinner_andTheFeeToWhoPaid() public {
        I.Terms memory t = adapted();
        disputed(t);
        ruled(requested(t), 2);
        vm.expectEmit();
        emit A.RulingExecuted(escrow.dealId(t), 2, 5 * TEA);
        adapter.execute(t);
        change(bob, 95 * T, "the payee wins");
        t.details = "second";
        disputed(t);
        ruled(requested(t), 1);
        adapter.execute(t);
        change(bob, 95 * T, "the payee loses");
        eq(adapter.owed(mallory), 10 * TEA, "both fees");
        adapter.withdraw(mallory);
        moved(-105 * T, 95 * T, 0, 10 * T);
        vm.expectRevert(abi.encodeWithSelector(ITokenCustody.NothingToClaim.selector, mallory));
        adapter.withdraw(mallory);
    }

    function test_rulings_withBonds() public {
        I.Terms memory t = adapted();
        t.bond = BOND;
        disputed(t);
        ruled(requested(t), 2);
        adapter.execute(t);
        adapter.withdraw(mallory);
        moved(-105 * T, 100 * T, 0, 5 * T);
    }

    /// The fee comes from the bonds, so it is not cut to what is left of the deal.
    function test_rulings_withBonds_mayCostMoreThanTheDeal() public {
        I.Terms memory t = adapted();
        (t.amount, t.bond) = (3 * TEA, BOND);
        disputed(t);
        ruled(requested(t), 2);
        adapter.execute(t);
        eq(adapter.owed(mallory), 5 * TEA, "the whole fee");
        adapter.withdraw(mallory);
        moved(-8 * T, 3 * T, 0, 5 * T);
    }

    function test_refusal_leadsToTheDefault() public {
        I.Terms memory t = adapted();
        bytes32 id = disputed(t);
        ruled(requested(t), 0);
        vm.expectRevert(abi.encodeWithSelector(A.Refused.selector, id));
        adapter.execute(t);
        vm.warp(uint256(escrow.deal(id).endsAt) + 1);
        escrow.expire(t);
        moved(-50 * T, 50 * T, 0, 0);
        eq(adapter.owed(mallory), 0, "nothing earned");
    }

    function test_rulingThatComesTooLate_leadsToTheDefault() public {
        I.Terms memory t = adapted();
        bytes32 id = disputed(t);
        uint256 disputeId = requested(t);
        uint256 end = escrow.deal(id).endsAt;
        vm.warp(end + 1);
        ruled(disputeId, 1); // nothing about the deal stops the arbitrator
        vm.expectRevert(abi.encodeWithSelector(I.TooLate.selector, id, end));
        adapter.execute(t);
        escrow.expire(t);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        adapter.execute(t);
        eq(adapter.owed(mallory), 0, "nothing earned");
    }

    function test_execute_refusesWithoutARuling_andASecondTime() public {
        I.Terms memory t = adapted();
        bytes32 id = disputed(t);
        vm.expectRevert(abi.encodeWithSelector(A.NotRequested.selector, id));
        adapter.execute(t);
        uint256 disputeId = requested(t);
        vm.expectRevert(abi.encodeWithSelector(A.NotRuled.selector, id));
        adapter.execute(t);
        ruled(disputeId, 1);
        adapter.execute(t);
        vm.expectRevert(abi.encodeWithSelector(I.WrongState.selector, id, I.State.Closed));
        adapter.execute(t);
        eq(adapter.owed(mallory), 5 * TEA, "one fee");
    }

    function test_withdraw_afterTheTokenRefusedTheAdapter() public {
        deploy(IERC20(address(new DenyToken())));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < 4; ++i) fund(people[i]);
        open(escrow);
        DenyToken(address(token)).deny(address(adapter), true, DenyToken.Manner.Revert);
        I.Terms memory t = adapted();
        disputed(t);
        ruled(requested(t), 1);
        adapter.execute(t);
        eq(escrow.claimable(address(adapter)), 5 * TEA, "waits in the escrow");
        DenyToken(address(token)).deny(address(adapter), false, DenyToken.Manner.Revert);
        adapter.withdraw(mallory);
        moved(-5 * T, 0, 0, 5 * T);
    }

    // --- attacks ---

    function test_attack_rulingsOfStrangersAndOfNoDispute() public {
        I.Terms memory t = adapted();
        disputed(t);
        uint256 disputeId = requested(t);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(A.NotTheArbitrator.selector, mallory));
        adapter.rule(disputeId, 2);
        vm.startPrank(address(court));
        vm.expectRevert(abi.encodeWithSelector(A.UnknownDispute.selector, 1));
        adapter.rule(1, 2);
        vm.expectRevert(abi.encodeWithSelector(A.BadRuling.selector, 3));
        adapter.rule(disputeId, 3);
        adapter.rule(disputeId, 1);
        vm.expectRevert(abi.encodeWithSelector(A.AlreadyRuled.selector, disputeId));
        adapter.rule(disputeId, 2);
        vm.stopPrank();
    }

    /// A ruling is for the deal of its dispute, whatever deal it is carried out with.
    function test_attack_rulingForAnotherDispute() public {
        I.Terms memory one = adapted();
        I.Terms memory two = adapted();
        two.details = "two";
        disputed(one);
        bytes32 second = disputed(two);
        uint256 first = requested(one);
        requested(two);
        ruled(first, 2);
        vm.expectRevert(abi.encodeWithSelector(A.NotRuled.selector, second));
        adapter.execute(two);
        adapter.execute(one);
        inState(second, I.State.Disputed);
        eq(token.balanceOf(address(escrow)), 100 * TEA, "the second deal is whole");
    }

    function test_attack_arbitratorThatGivesAnIdTwiceOrRulesTooEarly() public {
        LawlessArbitrator lawless = new LawlessArbitrator();
        adapter = new Erc792Adapter(escrow, lawless, "");
        price = 0;
        I.Terms memory t = adapted();
        bytes32 id = disputed(t);
        lawless.setRulesAtOnce(true);
        vm.expectRevert();
        requested(t);
        lawless.setRulesAtOnce(false);
        requested(t);
        t.details = "two";
        disputed(t);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(A.AlreadyRequested.selector, id));
        adapter.requestArbitration(t);
    }
}
