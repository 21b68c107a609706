// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperators as O} from "../../contracts/interfaces/IOperators.sol";
import {OperatorStaking} from "../../contracts/staking/OperatorStaking.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev With the credit period of a public deployment: a quarter of the stake in 30 days.
contract OperatorStakingIncomeTest is Fixture {
    uint256 private constant PERIOD = 120 days;
    uint32 private id;

    function setUp() public override {
        super.setUp();
        staking = new OperatorStaking(token, MINIMUM_STAKE, 1 days, uint40(PERIOD), MAXIMUM_CUT);
        address[3] memory people = [alice, bob, carol];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(people[i]);
            token.approve(address(staking), type(uint256).max);
        }
        vm.startPrank(alice);
        id = staking.createOperator(alice, bob, address(this));
        staking.setAdjudicator(id, 0, address(this), true);
        vm.stopPrank();
    }

    function stake(uint32 service, uint128 amount) private {
        vm.prank(alice);
        staking.stake(id, service, amount);
    }

    function credit() private view returns (uint128 amount) {
        (, amount, ) = staking.incomeOf(id);
    }

    function goodSince() private view returns (uint40 since) {
        (, , since) = staking.incomeOf(id);
    }

    function test_incomeOf_nobody() public view {
        (address payee, uint128 amount, uint40 since) = staking.incomeOf(9);
        eq(payee, address(0), "no payee");
        eq(amount, 0, "no credit");
        eq(since, 0, "no standing");
    }

    function test_incomeOf_creditGrowsWithStakeAndTimeUpToAQuarter() public {
        stake(0, 60 * TEA);
        stake(1, 60 * TEA); // own stake over all provisions
        eq(credit(), 0, "nothing at first");
        skip(1 days);
        eq(credit(), TEA, "a 120th a day");
        skip(29 days);
        eq(credit(), 30 * TEA, "a quarter in 30 days");
        skip(300 days);
        eq(credit(), 30 * TEA, "no more");
        (address payee, , ) = staking.incomeOf(id);
        eq(payee, bob, "the payee");
    }

    function test_incomeOf_delegatedAndThawingTokensDoNotCount() public {
        stake(0, 120 * TEA);
        vm.prank(carol);
        staking.delegate(id, 0, 1_000 * TEA, 1);
        vm.prank(alice);
        staking.thaw(id, 0, 60 * TEA);
        skip(10 days);
        eq(credit(), 5 * TEA, "of what is own and stays");
    }

    function test_incomeOf_stakeThatLeavesTakesItsShareOfTheCap() public {
        stake(0, 120 * TEA);
        skip(30 days);
        vm.prank(alice);
        staking.thaw(id, 0, 80 * TEA);
        eq(credit(), 10 * TEA, "a quarter of what is left");
    }

    function test_incomeOf_goodStandingNeedsTheMinimum() public {
        stake(0, MINIMUM_STAKE - 1);
        eq(goodSince(), 0, "one unit short");
        skip(100);
        stake(1, 1);
        uint40 since = uint40(block.timestamp);
        eq(goodSince(), since, "from when the minimum was reached");
        skip(100);
        stake(0, 5);
        eq(goodSince(), since, "more changes nothing");
        vm.prank(alice);
        staking.thaw(id, 0, 5);
        eq(goodSince(), since, "nor does less, above the minimum");
        vm.prank(alice);
        staking.thaw(id, 1, 1);
        eq(goodSince(), 0, "below it there is none");
    }

    function test_drawIncome_isTheFeeRegistrysUpToTheCredit() public {
        stake(0, 120 * TEA);
        skip(10 days);
        vm.expectEmit();
        emit O.IncomeDrawn(id, 4 * TEA, 6 * TEA);
        staking.drawIncome(id, 4 * TEA);
        eq(credit(), 6 * TEA, "what is left");
        vm.expectRevert(abi.encodeWithSelector(O.InsufficientCredit.selector, id, 6 * TEA + 1, 6 * TEA));
        staking.drawIncome(id, 6 * TEA + 1);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(O.NotFeeRegistry.selector, id, mallory));
        staking.drawIncome(id, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(O.NotFeeRegistry.selector, id, alice));
        staking.drawIncome(id, 1);
        vm.expectRevert(abi.encodeWithSelector(O.NotFeeRegistry.selector, 9, address(this)));
        staking.drawIncome(9, 1);
        vm.prank(alice);
        staking.setFeeRegistry(id, carol);
        vm.expectRevert(abi.encodeWithSelector(O.NotFeeRegistry.selector, id, address(this)));
        staking.drawIncome(id, 1);
        vm.prank(carol);
        staking.drawIncome(id, 6 * TEA);
        eq(token.balanceOf(address(staking)), 120 * TEA, "no token moves");
    }

    /// Whoever draws all the time gets no more than half the stake in any 30 days.
    function testFuzz_drawIncome_atMostHalfTheStakeInThirtyDays(uint256 seed, uint128 staked) public {
        staked = uint128(within(staked, 4, WEALTH));
        stake(0, staked);
        skip(within(seed, 0, 60 days));
        uint256 start = block.timestamp;
        uint256 drawn;
        while (block.timestamp <= start + 30 days) {
            uint128 amount = credit();
            staking.drawIncome(id, amount);
            drawn += amount;
            seed = uint256(keccak256(abi.encode(seed)));
            skip(within(seed, 1 hours, 4 days));
        }
        ok(drawn <= staked / 2, "drawn in 30 days <= half of the stake");
    }

    // --- against a plain model ---

    /// @dev Exact: credit × PERIOD. The contract rounds down at each settlement, so it may have a unit less for each.
    struct Model {
        uint256 staked;
        uint256 credit;
        uint256 time;
        uint256 good;
        uint256 settlements;
    }

    function grow(Model memory m) private view {
        m.credit += m.staked * (block.timestamp - m.time);
        m.time = block.timestamp;
        cut(m);
    }

    function cut(Model memory m) private pure {
        uint256 cap = (m.staked * PERIOD) / 4;
        if (m.credit > cap) m.credit = cap;
    }

    function move(Model memory m, uint256 staked) private view {
        if (staked < MINIMUM_STAKE) m.good = 0;
        else if (m.good == 0) m.good = block.timestamp;
        m.staked = staked;
        ++m.settlements;
        cut(m);
    }

    function testFuzz_income_followsThePlainModel(uint256 seed) public {
        Model memory m = Model(0, 0, block.timestamp, 0, 0);
        uint256 start = block.timestamp;
        while (block.timestamp < start + 130 days) {
            seed = uint256(keccak256(abi.encode(seed)));
            grow(m);
            step(m, seed);
            check(m);
            skip(within(seed >> 64, 1 minutes, 6 days));
            grow(m);
            check(m);
        }
    }

    function step(Model memory m, uint256 seed) private {
        uint256 what = seed % 4;
        uint32 service = uint32((seed >> 2) % 2);
        uint256 there = staking.provision(id, service).tokens - staking.provision(id, service).thawing;
        uint128 amount = uint128(within(seed >> 8, 1, 100 * TEA));
        if (what == 0) {
            stake(service, amount);
            move(m, m.staked + amount);
        } else if (what == 1 && there > 0) {
            if (staking.provision(id, service).thawing > 0) return;
            amount = uint128(within(amount, 1, there));
            vm.prank(alice);
            staking.thaw(id, service, amount);
            move(m, m.staked - amount);
        } else if (what == 2 && service == 0) {
            uint256 before = staking.operator(id).staked;
            staking.slash(id, 0, amount, 0, carol);
            move(m, m.staked - (before - staking.operator(id).staked));
            if (m.good != 0) m.good = block.timestamp;
        } else if (what == 3) {
            amount = uint128(within(amount, 0, credit()));
            staking.drawIncome(id, amount);
            m.credit -= amount * PERIOD;
            ++m.settlements;
        }
    }

    function check(Model memory m) private view {
        uint256 exact = m.credit / PERIOD;
        ok(credit() <= exact, "credit <= stake x seconds / period, capped");
        ok(credit() + m.settlements + 1 >= exact, "less only by rounding");
        eq(staking.operator(id).staked, m.staked, "stake that counts");
        eq(goodSince(), m.good, "good since");
    }
}
